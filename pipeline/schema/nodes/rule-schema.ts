import { z } from 'zod';
import { strictObject } from '../strict-object.ts';

/** A rule is on with its defaults, off, or on with these settings. */
export function rule<Shape extends z.ZodRawShape>(name: string, shape: Shape): z.ZodOptional<z.ZodUnion<readonly [z.ZodBoolean, z.ZodObject<Shape, z.core.$strict>]>> {
  return z.union([z.boolean(), strictObject({ name: `the rule ${name}`, shape })], { error: `expected true, false or a mapping with ${Object.keys(shape).join(', ')}` }).optional();
}

/** The settings of a rule; none for rules that are only on or off. */
export function ruleShape(schema: z.ZodType): z.ZodRawShape {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const settings = inner instanceof z.ZodUnion ? inner.options.find((option) => option instanceof z.ZodObject) : undefined;
  return settings === undefined ? {} : settings.shape;
}
