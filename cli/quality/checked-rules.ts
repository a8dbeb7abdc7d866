import { checkShape } from '../../pipeline/schema/check-shape.ts';
import { NEAR_DUPLICATES_TASK } from '../../pipeline/schema/data-quality-schema.ts';
import { qualityRules } from '../../pipeline/schema/nodes/quality-node.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { faultyRules, readRules } from './read-rules.ts';

/**
 * The rules of a file, checked as far as one can without a pipeline around them: a threshold that is
 * misspelt would otherwise be shown with its default. @throws SyngraphError USAGE
 */
export function checkedRules(file: string, workingDirectory: string): JsonObject {
  const { rules, source } = readRules(file, workingDirectory);
  const { [NEAR_DUPLICATES_TASK]: _, ...others } = rules;
  const { diagnostics } = checkShape({ schema: qualityRules, value: others, source });
  if (diagnostics.length > 0) throw faultyRules(source, diagnostics);
  return rules;
}
