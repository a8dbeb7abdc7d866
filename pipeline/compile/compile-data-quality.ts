import type { JsonObject } from '../json.ts';
import type { QualityTaggingPlan } from '../plan.ts';
import { LATER_QUALITY_TASKS, QUALITY_TASKS } from '../schema/data-quality-schema.ts';
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
    chosen.set(name, params ?? true);
  }
  const rules: JsonObject = Object.fromEntries(QUALITY_TASKS.filter((name) => !name.startsWith('conversation_length_') && name !== 'language_detection').map((name) => [name, false]));
  for (const [name, settings] of chosen) rules[canonical(name)] = settings;
  return { rules };
}

/** The paper's name of a rule as SyGra and we call it. */
function canonical(name: string): string {
  if (name === 'language_detection') return 'language_tagging';
  return name === 'conversation_length_check' ? 'conversation_length' : name;
}
