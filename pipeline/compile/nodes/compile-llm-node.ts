import type { LlmNodePlan, RoutePlan } from '../../plan.ts';
import type { LlmNodeConfig } from '../../schema/nodes/llm-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ModelTable } from '../compile-models.ts';
import { compilePrompt } from './compile-prompt.ts';

export interface LlmNodeParts {
  context: CompileContext;
  config: LlmNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
  models: ModelTable;
  outputKeys: string[];
}

export function compileLlmNode(parts: LlmNodeParts): LlmNodePlan {
  const { context, config, name, path, route, models, outputKeys } = parts;
  const processor = { kinds: ['function', 'class'] as const, method: 'apply' };
  const model = models.use({ node: name, model: config.model, path: [...path, 'model'] });
  return {
    kind: 'llm',
    name,
    route,
    writes: outputKeys,
    model: model.key,
    parameters: model.parameters,
    prompt: compilePrompt(context, config, path),
    inputKey: config.input_key ?? 'messages',
    outputKeys,
    outputRole: config.output_role ?? 'assistant',
    preProcess: context.findReference(config.pre_process, [...path, 'pre_process'], processor),
    postProcess: context.findReference(config.post_process, [...path, 'post_process'], processor),
    onTruncation: config.on_truncation ?? 'fail',
    onEmpty: config.on_empty ?? 'fail',
    chat: null,
    structuredOutput: null,
    answerProcess: null,
    tools: [],
    toolChoice: null,
    samples: { count: 1, as: 'list' },
    reasoningKey: null,
  };
}
