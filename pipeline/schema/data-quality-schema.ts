import { z } from 'zod';
import { MODEL_RULE_NAMES } from '../model-rules.ts';
import { PAPER_RULE_NAMES, QUALITY_RULE_NAMES } from '../quality-rules.ts';
import { ignored, isOff, jsonObject } from './common-schema.ts';
import { strictObject } from './strict-object.ts';

/** The task that has models judge what the rules let pass. */
export const JUDGE_TASK = 'llm_based_quality';

/** The task that compares all records with each other. */
export const NEAR_DUPLICATES_TASK = 'near_duplicates';

/** `params` hang on the name; see compile-data-quality.ts. */
const task = strictObject({
  name: 'a task of data_quality',
  shape: { name: z.enum([...QUALITY_RULE_NAMES, ...Object.values(PAPER_RULE_NAMES), ...MODEL_RULE_NAMES, NEAR_DUPLICATES_TASK, JUDGE_TASK]), params: jsonObject.nullish() },
});

/** Tagging of the output by a workflow of its own. */
export const dataQualitySchema = strictObject({
  name: 'data_quality',
  shape: { tasks: z.array(task).nullish() },
  unsupported: { skip_failed_tasks: { ...ignored('A rule never fails a record.'), harmless: isOff } },
});

export type DataQualityConfig = z.output<typeof dataQualitySchema>;
