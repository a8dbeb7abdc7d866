import { z } from 'zod';
import { jsonValue, names } from '../common-schema.ts';
import { sourceSchema } from '../source-schema.ts';
import { strictObject } from '../strict-object.ts';
import { PERSON_FIELDS } from '../../person-fields.ts';

const samplerSource = strictObject({
  name: 'values from a source',
  shape: { column: names, source: sourceSchema },
});

const weights = z.array(z.number()).nullish();

/** SyGra's own form has no `sampler` key. */
const listedAttribute = strictObject({
  name: 'an attribute of a sampler',
  shape: {
    sampler: z.literal('category').optional(),
    values: z.union([z.array(jsonValue), samplerSource], {
      error: 'expected a list of values, or a mapping with column and source',
    }),
    weights,
  },
});

const weightedValues = strictObject({ name: 'values of a category', shape: { values: z.array(jsonValue), weights } });

const subcategoryAttribute = strictObject({
  name: 'a subcategory attribute',
  shape: {
    sampler: z.literal('subcategory'),
    /** An attribute that stands above, or a key of the state. */
    category: z.string().min(1),
    /** By value of the category. */
    values: z.record(
      z.string(),
      z.union([z.array(jsonValue).transform((values) => ({ values, weights: undefined })), weightedValues], {
        error: 'expected a list of values, or a mapping with values and weights',
      }),
    ),
  },
});

const decimalPlaces = z.int().min(0).max(15).nullish();

const uniformAttribute = strictObject({
  name: 'a uniform attribute',
  shape: { sampler: z.literal('uniform'), low: z.number(), high: z.number(), decimal_places: decimalPlaces },
});

const gaussianAttribute = strictObject({
  name: 'a gaussian attribute',
  shape: {
    sampler: z.literal('gaussian'),
    mean: z.number(),
    stddev: z.number().positive(),
    /** Bounds: what lies beyond is never drawn. */
    low: z.number().nullish(),
    high: z.number().nullish(),
    decimal_places: decimalPlaces,
  },
});

const poissonAttribute = strictObject({
  name: 'a poisson attribute',
  shape: { sampler: z.literal('poisson'), mean: z.number().positive().max(100_000) },
});

const datetimeAttribute = strictObject({
  name: 'a datetime attribute',
  shape: {
    sampler: z.literal('datetime'),
    /** ISO 8601, UTC where no zone is given; both bounds can be drawn. */
    start: z.string().min(1),
    end: z.string().min(1),
    unit: z.enum(['second', 'minute', 'hour', 'day']).optional(),
    format: z.enum(['iso', 'date']).optional(),
  },
});

const uuidAttribute = strictObject({
  name: 'a uuid attribute',
  shape: { sampler: z.literal('uuid'), prefix: z.string().max(100).nullish() },
});

const personAttribute = strictObject({
  name: 'a person attribute',
  shape: {
    sampler: z.literal('person'),
    locale: z.string().min(1).optional(),
    sex: z.enum(['female', 'male']).nullish(),
    /** The youngest and the oldest. */
    age_range: z.tuple([z.int().min(0).max(120), z.int().min(0).max(120)]).optional(),
    /** Day at which people are as old as they are, since a dataset must not change with the calendar. */
    reference_date: z.string().min(1).optional(),
    /** Each becomes a state key of its own, attribute and field joined by `_`. Default: one mapping with all. */
    fields: z.array(z.enum(PERSON_FIELDS)).min(1).nullish(),
  },
});

export const samplerAttribute = z.discriminatedUnion('sampler', [
  listedAttribute,
  subcategoryAttribute,
  uniformAttribute,
  gaussianAttribute,
  poissonAttribute,
  datetimeAttribute,
  uuidAttribute,
  personAttribute,
]);

export type SamplerAttributeConfig = z.output<typeof samplerAttribute>;
export type ListedAttributeConfig = z.output<typeof listedAttribute>;
export type DrawnAttributeConfig = Exclude<SamplerAttributeConfig, ListedAttributeConfig>;

export function isListedAttribute(config: SamplerAttributeConfig): config is ListedAttributeConfig {
  return config.sampler === undefined || config.sampler === 'category';
}
