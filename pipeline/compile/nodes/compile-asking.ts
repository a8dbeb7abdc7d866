import type { JsonObject } from '../../json.ts';
import type { AnswerProcessPlan, AskedModelPlan, AskingNodePlanBase, ChatPlan, RoutePlan } from '../../plan.ts';
import type { LlmNodeConfig } from '../../schema/nodes/llm-node.ts';
import type { MultiLlmNodeConfig } from '../../schema/nodes/multi-llm-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ModelTable } from '../compile-models.ts';
import { compilePrompt } from './compile-prompt.ts';
import { compileStructuredOutput } from './compile-structured-output.ts';

export type AskingConfig = Omit<MultiLlmNodeConfig, 'node_type' | 'models' | 'multi_llm_post_process' | 'require' | 'mode'>;

export interface AskingParts<Config> {
  context: CompileContext;
  config: Config;
  name: string;
  path: YamlPath;
  route: RoutePlan;
  models: ModelTable;
  outputKeys: string[];
}

/** Names of SyGra and ours for what takes `<think>` blocks out of answers. */
const REMOVE_THINKING = new Set(['sygra.core.models.model_postprocessor.RemoveThinkData', 'RemoveThinkData', 'remove_thinking']);
const DEFAULT_WINDOW = 5;
const PROCESSOR = { kinds: ['function', 'class'] as const, method: 'apply' };

/** Records of a node that asks several times, or several models, would wait for a day each time. */
export function refuseBatchMode(context: CompileContext, { models, model, path }: { models: ModelTable; model: string; path: YamlPath }): void {
  if (models.plans[model]?.batch === undefined) return;
  context.report({ code: 'WRONG_VALUE', path, message: `The model "${model}" has mode: batch, which is for llm nodes`, hint: 'Write mode: single for the model here.' });
}

/** What all nodes that ask models have in common. */
export function compileAsking({ context, config, name, path, route, outputKeys }: AskingParts<AskingConfig>): AskingNodePlanBase {
  const chat = compileChat(context, config);
  return {
    name,
    route,
    writes: chat === null ? outputKeys : [...new Set([...outputKeys, '__chat_history__'])],
    prompt: compilePrompt(context, config, path),
    inputKey: config.input_key ?? 'messages',
    outputKeys,
    outputRole: config.output_role ?? 'assistant',
    preProcess: context.findReference(config.pre_process, [...path, 'pre_process'], PROCESSOR),
    postProcess: context.findReference(config.post_process, [...path, 'post_process'], PROCESSOR),
    onTruncation: config.on_truncation ?? 'fail',
    onEmpty: config.on_empty ?? 'fail',
    chat,
  };
}

function compileChat(context: CompileContext, config: { chat_history?: boolean | null | undefined }): ChatPlan | null {
  if (config.chat_history !== true) return null;
  const properties = context.parsed.config.graph_config.graph_properties;
  return {
    history: true,
    conversation: properties?.chat_conversation ?? null,
    window: properties?.chat_history_window_size ?? DEFAULT_WINDOW,
  };
}

export interface AskedParts extends Pick<AskingParts<Pick<AskingConfig, 'structured_output' | 'temperature' | 'max_tokens'>>, 'context' | 'config' | 'name' | 'path' | 'models'> {
  model: LlmNodeConfig['model'];
  /** Of the model within the file. */
  modelPath: YamlPath;
}

/** One model of a node, with how it is asked. What stands at the node goes before what models.yaml says. */
export function compileAsked({ context, config, name, path, models, model, modelPath }: AskedParts): AskedModelPlan {
  const used = models.use({ node: name, model, path: modelPath });
  const own = 'structured_output' in model && model.structured_output ? { config: model.structured_output, path: [...modelPath, 'structured_output'] } : null;
  const ofNode = config.structured_output ? { config: config.structured_output, path: [...path, 'structured_output'] } : null;
  const wanted = own ?? ofNode ?? { config: used.structuredOutput, path: modelPath };
  const loose = looseParameters(context, config, path);
  const processOf = (postProcess: string | null): AnswerProcessPlan | null => compileAnswerProcess(context, postProcess, 'post_process' in model ? [...modelPath, 'post_process'] : modelPath);
  return {
    model: used.key,
    parameters: { ...used.parameters, ...loose },
    structuredOutput: compileStructuredOutput(context, wanted.config, wanted.path),
    answerProcess: processOf(used.postProcess),
    ...(used.fallbacks === undefined ? {} : { fallbacks: { ...used.fallbacks, models: used.fallbacks.models.map(({ key, parameters, postProcess }) => ({ model: key, parameters: { ...parameters, ...loose }, answerProcess: processOf(postProcess) })) } }),
  };
}

function compileAnswerProcess(context: CompileContext, text: string | null, path: YamlPath): AnswerProcessPlan | null {
  if (text === null) return null;
  if (REMOVE_THINKING.has(text)) return { kind: 'remove_thinking' };
  const reference = context.findReference(text, path, PROCESSOR);
  return reference === null ? null : { kind: 'function', function: reference };
}

function looseParameters(context: CompileContext, config: AskedParts['config'], path: YamlPath): JsonObject {
  const found: JsonObject = {};
  for (const key of ['temperature', 'max_tokens'] as const) {
    const value = config[key];
    if (value === undefined || value === null) continue;
    found[key] = value;
    const message = `"${key}" is a parameter of the request`;
    context.report({ code: 'DEPRECATED_KEY', severity: 'warning', path: [...path, key], target: { part: 'key' }, message, hint: 'Write it under model.parameters.' });
  }
  return found;
}
