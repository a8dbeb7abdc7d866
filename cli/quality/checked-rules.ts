import { NEAR_DUPLICATES_TASK } from '../../pipeline/schema/data-quality-schema.ts';
import { qualityRules } from '../../pipeline/schema/nodes/quality-node.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { readRules } from './read-rules.ts';

/**
 * The rules of a file, checked as far as one can without a pipeline around them: a threshold that is
 * misspelt would otherwise be shown with its default. @throws SyngraphError USAGE
 */
export function checkedRules(file: string): JsonObject {
  const rules = readRules(file);
  const { [NEAR_DUPLICATES_TASK]: _, ...others } = rules;
  const [issue] = qualityRules.safeParse(others).error?.issues ?? [];
  if (issue === undefined) return rules;
  const place = issue.path.join('.');
  const what = issue.code === 'unrecognized_keys' ? `there is no ${[place, issue.keys.join(', ')].filter((part) => part !== '').join('.')}` : `${place}: ${issue.message}`;
  throw new SyngraphError({ code: 'USAGE', message: `the rules in ${file} are not those of a quality node: ${what}`, nextStep: 'Correct it; docs/quality.md lists the rules, docs/pipeline-format.md their settings.' });
}
