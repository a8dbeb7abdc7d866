import { z } from 'zod';
import { jsonValue, names } from './common-schema.ts';

/** Texts may be `$NAME` of an environment variable; secrets must be. Defaults: SNOW_INSTANCE and so on. */
export const serviceNowConnectionShape = {
  instance: z.string().min(1).nullish(),
  username: z.string().min(1).nullish(),
  password: z.string().nullish(),
  oauth_client_id: z.string().min(1).nullish(),
  oauth_client_secret: z.string().nullish(),
  proxy: z.string().min(1).nullish(),
  verify_ssl: z.boolean().nullish(),
  cert: z.string().min(1).nullish(),
  auto_retry: z.boolean().nullish(),
};

/** Tables and fields go into urls and queries. */
export const serviceNowName = z.string().regex(/^[A-Za-z_]\w{0,79}$/, { error: 'expected letters, digits and underscores' });

export const serviceNowSourceShape = {
  ...serviceNowConnectionShape,
  table: serviceNowName,
  /** An encoded query as ServiceNow writes them. */
  query: z.string().min(1).nullish(),
  /** Field to value, list of values, or `{operator, value}`. */
  filters: z.record(z.string(), jsonValue).nullish(),
  limit: z.int().min(1).nullish(),
  batch_size: z.int().min(1).max(10_000).nullish(),
  order_by: names.nullish(),
  order_desc: z.boolean().nullish(),
  display_value: z.union([z.boolean(), z.enum(['all', 'true', 'false'])], { error: 'expected all, true or false' }).nullish(),
  exclude_reference_link: z.boolean().nullish(),
};

export const serviceNowSinkShape = {
  ...serviceNowConnectionShape,
  table: serviceNowName,
  operation: z.enum(['insert', 'update', 'upsert']).nullish(),
  key_field: serviceNowName.nullish(),
  /** Takes a mark of each inserted row, by which one without an answer is found. */
  correlation_field: serviceNowName.nullish(),
};
