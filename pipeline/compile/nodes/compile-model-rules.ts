import { DEFAULT_SCORER, MODEL_RULE_DEFAULTS, MODEL_RULE_NAMES, SCORER_ALIASES, type ModelRuleName, type ModelRulesPlan, type ScorerPlan } from '../../model-rules.ts';
import type { NodeModel } from '../../schema/model-schema.ts';
import type { QualityNodeConfig } from '../../schema/nodes/quality-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ModelTable } from '../compile-models.ts';
import { settingsOf } from './rule-settings.ts';

interface ModelRulesParts {
  configs: NonNullable<QualityNodeConfig['rules']>;
  models: ModelTable;
  /** Name of the node. */
  node: string;
  /** Of `rules`. */
  path: YamlPath;
}

/** Off unless they are named: they take seconds where the others take milliseconds. */
export function compileModelRules(context: CompileContext, { configs, models, node, path }: ModelRulesParts): ModelRulesPlan {
  const rules: Record<string, unknown> = {};
  for (const name of MODEL_RULE_NAMES) {
    const config = configs[name];
    if (config === undefined || config === false) continue;
    const { model, ...settings } = config === true ? {} : config;
    rules[name] = { ...MODEL_RULE_DEFAULTS[name], ...settingsOf(settings), scorer: scorerOf(name, model ?? null) };
  }
  checkWindow(context, rules, path);
  return rules;

  function scorerOf(name: ModelRuleName, given: string | NodeModel | null): ScorerPlan {
    if (typeof given === 'string') return { kind: 'local', model: SCORER_ALIASES[given] ?? given };
    if (given !== null) return { kind: 'endpoint', model: models.useAlone({ node, model: given, path: [...path, name, 'model'] }) };
    if (name === 'reward_score') reportMissing(context, [...path, name]);
    return DEFAULT_SCORER;
  }
}

function reportMissing(context: CompileContext, path: YamlPath): void {
  context.report({
    code: 'MISSING_KEY',
    path,
    target: { part: 'key' },
    message: 'reward_score names no model, and there is none that every machine has',
    hint: 'Name a folder or a Hub repository with model.onnx, tokenizer.json and config.json, or an endpoint as {name: …} of models.yaml.',
  });
}

function checkWindow(context: CompileContext, { ppl_score: rule }: ModelRulesPlan, path: YamlPath): void {
  if (rule === undefined || rule.overlap === 0 || (rule.window !== null && rule.overlap <= rule.window / 2)) return;
  context.report({
    code: 'WRONG_VALUE',
    path: [...path, 'ppl_score' satisfies ModelRuleName, 'overlap'],
    message: rule.window === null ? 'overlap is that of windows, and no window is given' : `An overlap of ${rule.overlap} leaves too little of a window of ${rule.window} tokens`,
    hint: 'Give a window of twice the overlap at least, such as window: 1024 and overlap: 256.',
  });
}
