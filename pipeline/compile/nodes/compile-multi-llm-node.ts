import type { MultiLlmNodePlan } from '../../plan.ts';
import type { MultiLlmNodeConfig } from '../../schema/nodes/multi-llm-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import { compileAsked, compileAsking, refuseBatchMode, type AskingParts } from './compile-asking.ts';

export function compileMultiLlmNode(parts: AskingParts<MultiLlmNodeConfig>): MultiLlmNodePlan {
  const { context, config, path, name } = parts;
  const models = Object.entries(config.models).map(([label, model]) => ({
    label,
    // Where two labels change settings of one model, each has a model of its own.
    ...compileAsked({ ...parts, name: `${name}.${label}`, model, modelPath: [...path, 'models', label] }),
  }));
  const postProcessor = { kinds: ['function', 'class'] as const, method: 'apply' };
  for (const { label, model, parameters } of models) {
    refuseBatchMode(context, { models: parts.models, model, path: [...path, 'models', label] });
    if (parameters['n'] === undefined || parameters['n'] === 1) continue;
    context.report({ code: 'WRONG_VALUE', path: [...path, 'models', label], message: `"${label}" asks for ${JSON.stringify(parameters['n'])} answers, and a multi_llm node takes one of each model`, hint: 'Let an llm node draw samples.' });
  }
  return {
    kind: 'multi_llm',
    ...compileAsking(parts),
    models,
    require: compileRequire(context, config, path),
    mode: config.mode ?? 'all',
    multiPostProcess: context.findReference(config.multi_llm_post_process, [...path, 'multi_llm_post_process'], postProcessor),
  };
}

function compileRequire(context: CompileContext, config: MultiLlmNodeConfig, path: YamlPath): number {
  const count = config.mode === 'balance' ? 1 : Object.keys(config.models).length;
  const { require: wanted } = config;
  if (wanted === 'any') return 1;
  if (wanted === null || wanted === undefined || wanted === 'all') return count;
  if (wanted > count) context.report({ code: 'WRONG_VALUE', path: [...path, 'require'], message: `${wanted} answers cannot be had of ${count} model${count === 1 ? '' : 's'}`, hint: 'Mend the number, or write all or any.' });
  return wanted;
}
