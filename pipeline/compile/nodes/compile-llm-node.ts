import type { JsonObject } from '../../json.ts';
import type { LlmNodePlan, SamplesPlan } from '../../plan.ts';
import type { LlmNodeConfig } from '../../schema/nodes/llm-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import { compileAsked, compileAsking, type AskingParts } from './compile-asking.ts';
import { checkOutputFields } from './compile-structured-output.ts';
import { compileToolChoice, compileTools } from './compile-tools.ts';

export type LlmNodeParts = AskingParts<LlmNodeConfig>;

export function compileLlmNode(parts: LlmNodeParts): LlmNodePlan {
  const { context, config, path } = parts;
  const asking = compileAsking(parts);
  const { parameters: asked, ...model } = compileAsked({ ...parts, model: config.model, modelPath: [...path, 'model'] });
  if (asking.postProcess === null) checkOutputFields(context, model.structuredOutput, { keys: asking.outputKeys, path });
  const { n, ...parameters } = asked;
  const tools = compileTools(context, config, path);
  const reasoningKey = config.reasoning_key ?? null;
  const writes = [...asking.writes, ...(reasoningKey === null ? [] : [reasoningKey]), ...(tools.length === 0 ? [] : ['tool_calls'])];
  const waits = parts.models.plans[model.model]?.batch !== undefined;
  if (waits && (tools.length > 0 || asking.prompt.some((message) => message.parts !== undefined))) {
    context.report({ code: 'WRONG_VALUE', path: [...path, 'model'], target: { part: 'key' }, message: `The model "${model.model}" has mode: batch, which takes neither tools nor images and sounds`, hint: 'Ask this model by single calls here: mode: single.' });
  }
  return {
    kind: 'llm',
    ...(waits ? { waits } : {}),
    ...asking,
    ...model,
    writes: [...new Set(writes)],
    parameters,
    tools,
    toolChoice: compileToolChoice(context, { choice: config.tool_choice, tools, path }),
    samples: compileSamples(context, { config, path, parameter: n }),
    reasoningKey,
  };
}

interface SamplesParts {
  config: LlmNodeConfig;
  path: YamlPath;
  /** `n` of the parameters. */
  parameter: JsonObject[string] | undefined;
}

function compileSamples(context: CompileContext, { config, path, parameter }: SamplesParts): SamplesPlan {
  const ofParameters = typeof parameter === 'number' ? parameter : null;
  const count = config.samples ?? config.n ?? ofParameters ?? 1;
  const others = [config.samples, config.n, ofParameters].filter((value) => typeof value === 'number' && value !== count);
  const at = config.samples ? [...path, 'samples'] : config.n ? [...path, 'n'] : path;
  const report = (message: string, hint: string): void => context.report({ code: 'WRONG_VALUE', path: at, message, hint });
  if (parameter !== undefined && ofParameters === null) report('The parameter n is the number of samples', 'Write samples: 4 at the node.');
  if (others.length > 0) report(`The node asks for ${count} samples and for ${others.join(' and ')}`, 'Say samples alone.');
  if (!Number.isInteger(count) || count < 1 || count > 1000) report(`A node draws 1 to 1000 samples, not ${count}`, 'Mend the number.');
  if (count > 1 && config.chat_history === true) report('Several samples of one turn do not make a conversation', 'Leave out chat_history or samples.');
  return { count, as: config.samples_as ?? 'list' };
}
