import { MODEL_RULE_NAMES } from '../../model-rules.ts';
import type { QualityNodePlan, RoutePlan } from '../../plan.ts';
import { PAPER_RULE_NAMES, QUALITY_RULE_DEFAULTS, QUALITY_RULE_NAMES, type QualityRulesPlan } from '../../quality-rules.ts';
import type { QualityNodeConfig } from '../../schema/nodes/quality-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ModelTable } from '../compile-models.ts';
import { compileModelRules } from './compile-model-rules.ts';
import { compileContamination } from './compile-contamination.ts';
import { settingsOf } from './rule-settings.ts';

interface QualityParts {
  config: QualityNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
  models: ModelTable;
}

type RuleConfigs = NonNullable<QualityNodeConfig['rules']>;

/** The plan has every setting of every rule that is on: defaults may change, a run may not. */
export function compileQualityNode(context: CompileContext, { config, name, path, route, models }: QualityParts): QualityNodePlan {
  const into = config.into ?? 'metadata';
  const rulesPath = [...path, 'rules'];
  const rules = compileRules(config.rules ?? {});
  const contamination = compileContamination(context, { config: config.rules?.contamination ?? false, path: [...rulesPath, 'contamination'] });
  if (contamination !== null) rules.contamination = contamination;
  const modelRules = compileModelRules(context, { configs: config.rules ?? {}, models, node: name, path: rulesPath });
  for (const [ours, papers] of Object.entries(PAPER_RULE_NAMES) as [keyof typeof PAPER_RULE_NAMES, keyof RuleConfigs][]) {
    if (config.rules?.[ours] === undefined || config.rules[papers] === undefined) continue;
    context.report({ code: 'WRONG_VALUE', path: [...rulesPath, papers], target: { part: 'key' }, message: `${papers} and ${ours} are the same rule`, hint: 'Remove one of them.' });
  }
  const length = rules.conversation_length;
  if (length !== undefined && length.minTurns > length.maxTurns) {
    context.report({
      code: 'WRONG_VALUE',
      path: rulesPath,
      message: `No conversation has ${length.minTurns} turns or more and ${length.maxTurns} or fewer`,
      hint: 'Lower min_turns, or raise max_turns.',
    });
  }
  if (Object.keys(rules).length + Object.keys(modelRules).length === 0) {
    context.report({ code: 'WRONG_VALUE', path: rulesPath, target: { part: 'key' }, message: 'All rules of this node are off', hint: `Remove the node, or leave a rule on: ${[...QUALITY_RULE_NAMES, ...MODEL_RULE_NAMES].join(', ')}.` });
  }
  const messages = config.messages ?? null;
  const masked = messages !== null && rules.pii?.action === 'mask' && messages !== into ? [messages] : [];
  return { kind: 'quality', name, route, writes: [into, ...masked], messages, rules, ...(Object.keys(modelRules).length === 0 ? {} : { modelRules }), mode: config.mode ?? 'tag', into };
}

function compileRules(configs: RuleConfigs): QualityRulesPlan {
  const rules: Record<string, unknown> = {};
  for (const name of QUALITY_RULE_NAMES) {
    const config = configs[name] ?? (name in PAPER_RULE_NAMES ? configs[PAPER_RULE_NAMES[name as keyof typeof PAPER_RULE_NAMES]] : undefined);
    if (config === false || name === 'contamination') continue;
    rules[name] = { ...QUALITY_RULE_DEFAULTS[name], ...(typeof config === 'object' ? settingsOf(config) : {}) };
  }
  return rules;
}
