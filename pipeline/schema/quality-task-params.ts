import { z } from 'zod';
import { nodeModelSchema } from './model-schema.ts';
import { ignored } from './common-schema.ts';
import { JUDGE_TASK } from './data-quality-schema.ts';
import { qualityRules } from './nodes/quality-node.ts';
import { deduplicateNode } from './nodes/set-node.ts';
import { ruleShape } from './nodes/rule-schema.ts';
import { strictObject, type UnsupportedKey } from './strict-object.ts';

/** Says how SyGra's own code works through a task. */
const WORKINGS: Record<string, UnsupportedKey> = Object.fromEntries(
  ['batch_size', 'num_threads', 'checkpoint_interval', 'debug', 'output_with_ts', 'doc_colname', 'target_doc_colname'].map((key) => [key, ignored('It says how the work is cut up, which Syngraph decides by itself.')]),
);

const text = z.string().min(1);

/** The server that SyGra asks for log-probabilities. */
const modelConfig = strictObject({
  name: 'model_config of ppl_score',
  shape: {
    model_type: z.enum(['vllm', 'tgi']),
    url: z.union([text, z.array(text)], { error: 'expected a url or a list of urls' }).nullish(),
    model_serving_name: text.nullish(),
    auth_token: z.string().nullish(),
    timeout_seconds: z.number().positive().nullish(),
    max_retries: z.int().min(0).nullish(),
  },
});

/** Params of SyGra's tasks beside those that the rule of the name has. */
const SYGRA_PARAMS: Record<string, z.ZodRawShape> = {
  conversation_pretokenization: { hf_chat_template_model_id: text.nullish() },
  data_characteristics: { model: text.nullish() },
  ppl_score: { model_config: modelConfig.nullish(), model_max_len: z.int().min(8).nullish(), ifd: z.boolean().nullish() },
  reward_score: { model_name: text.nullish(), max_length: z.int().min(8).nullish() },
  near_duplicates: deduplicateNode.pick({ method: true, threshold: true, shingle: true, shingle_unit: true, permutations: true, model: true, mode: true, keep: true }).shape,
  llm_based_quality: { model: z.union([text, nodeModelSchema.pick({ name: true })], { error: 'expected the name of a model' }).nullish() },
};

/** What `params` of a task may say; made once for each task. */
export function taskParamsSchema(task: string): z.ZodObject {
  const known = schemas.get(task);
  if (known !== undefined) return known;
  const rule = (qualityRules.shape as Record<string, z.ZodType | undefined>)[task];
  const schema = strictObject({
    name: `the params of ${task}`,
    shape: { ...(rule === undefined ? {} : ruleShape(rule)), ...SYGRA_PARAMS[task] },
    unsupported: task === JUDGE_TASK ? { ...WORKINGS, category: ignored('The category of each record is found by rules, and by the model where they leave it open.') } : WORKINGS,
  });
  schemas.set(task, schema);
  return schema;
}

const schemas = new Map<string, z.ZodObject>();
