import type { QualityNodePlan, RoutePlan } from '../../plan.ts';
import { PAPER_RULE_NAMES, QUALITY_RULE_DEFAULTS, QUALITY_RULE_NAMES, type QualityRulesPlan } from '../../quality-rules.ts';
import type { QualityNodeConfig } from '../../schema/nodes/quality-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

interface QualityParts {
  config: QualityNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
}

type RuleConfigs = NonNullable<QualityNodeConfig['rules']>;

/** The plan has every setting of every rule that is on: defaults may change, a run may not. */
export function compileQualityNode(context: CompileContext, { config, name, path, route }: QualityParts): QualityNodePlan {
  const into = config.into ?? 'metadata';
  const rules = compileRules(config.rules ?? {});
  const rulesPath = [...path, 'rules'];
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
  if (Object.keys(rules).length === 0) {
    context.report({ code: 'WRONG_VALUE', path: rulesPath, target: { part: 'key' }, message: 'All rules of this node are off', hint: `Remove the node, or leave a rule on: ${QUALITY_RULE_NAMES.join(', ')}.` });
  }
  const messages = config.messages ?? null;
  const masked = messages !== null && rules.pii?.action === 'mask' && messages !== into ? [messages] : [];
  return { kind: 'quality', name, route, writes: [into, ...masked], messages, rules, mode: config.mode ?? 'tag', into };
}

function compileRules(configs: RuleConfigs): QualityRulesPlan {
  const rules: Record<string, unknown> = {};
  for (const name of QUALITY_RULE_NAMES) {
    const config = configs[name] ?? (name in PAPER_RULE_NAMES ? configs[PAPER_RULE_NAMES[name as keyof typeof PAPER_RULE_NAMES]] : undefined);
    if (config === false) continue;
    rules[name] = { ...QUALITY_RULE_DEFAULTS[name], ...(typeof config === 'object' ? settingsOf(config) : {}) };
  }
  return rules;
}

/** `min_turns` of the file is `minTurns` of the plan; a null stands for the default, as everywhere in the file. */
function settingsOf(config: object): Record<string, unknown> {
  const given = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]));
}
