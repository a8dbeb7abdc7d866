import type { JsonObject } from '../json.ts';
import type { QualityTaggingPlan } from '../plan.ts';
import { PAPER_RULE_NAMES, QUALITY_RULE_NAMES } from '../quality-rules.ts';
import { LATER_QUALITY_TASKS } from '../schema/data-quality-schema.ts';
import type { CompileContext } from './compile-context.ts';

const PATH = ['output_config', 'data_quality', 'tasks'];

/** Which rules tag the output; null where nothing was asked for. Without tasks all rules are on. */
export function compileDataQuality(context: CompileContext): QualityTaggingPlan | null {
  const config = context.parsed.config.output_config?.data_quality;
  if (!config) return null;
  if (!config.tasks || config.tasks.length === 0) return { rules: {} };
  const chosen = new Map<string, JsonObject | true>();
  for (const [index, { name, params }] of config.tasks.entries()) {
    if ((LATER_QUALITY_TASKS as readonly string[]).includes(name)) {
      context.report({
        code: 'NOT_SUPPORTED_YET',
        severity: 'warning',
        path: [...PATH, index, 'name'],
        message: `The task "${name}" is not carried out yet, and the others are`,
        hint: 'Judge records by an llm node of the pipeline meanwhile.',
      });
      continue;
    }
    chosen.set(ourName(name), params ?? true);
  }
  // Nothing of what was asked for is carried out: a tagging without rules would be refused once the run is paid for.
  if (chosen.size === 0) return null;
  return { rules: Object.fromEntries(QUALITY_RULE_NAMES.map((name) => [name, chosen.get(name) ?? false])) };
}

/** The paper's name of a rule as SyGra and we call it. */
function ourName(name: string): string {
  return Object.entries(PAPER_RULE_NAMES).find(([, papers]) => papers === name)?.[0] ?? name;
}
