import { z } from 'zod';
import { PAPER_RULE_NAMES, QUALITY_RULE_NAMES } from '../quality-rules.ts';
import { ignored, isOff, jsonObject } from './common-schema.ts';
import { strictObject } from './strict-object.ts';

/** Tasks of SyGra that need a model of their own; recognised but not carried out yet. */
export const LATER_QUALITY_TASKS = ['ppl_score', 'reward_score', 'llm_based_quality'] as const;

const task = strictObject({
  name: 'a task of data_quality',
  shape: { name: z.enum([...QUALITY_RULE_NAMES, ...Object.values(PAPER_RULE_NAMES), ...LATER_QUALITY_TASKS]), params: jsonObject.nullish() },
});

/** Tagging of the output by a workflow of its own. */
export const dataQualitySchema = strictObject({
  name: 'data_quality',
  shape: { tasks: z.array(task).nullish() },
  unsupported: { skip_failed_tasks: { ...ignored('A rule never fails a record.'), harmless: isOff } },
});

export type DataQualityConfig = z.output<typeof dataQualitySchema>;
