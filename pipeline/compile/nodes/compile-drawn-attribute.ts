import { PERSON_LOCALES } from '../../person-fields.ts';
import type { DrawPlan } from '../../plan.ts';
import type { DrawnAttributeConfig } from '../../schema/nodes/sampler-attribute.ts';
import type { YamlPath } from '../../yaml-source.ts';
import { type CompileContext, nearestHint } from '../compile-context.ts';
import { checkWeights } from './check-weights.ts';
import { compileDatetime, readDate } from './compile-datetime.ts';

export interface DrawnParts<Config extends DrawnAttributeConfig = DrawnAttributeConfig> {
  attribute: string;
  settings: Config;
  path: YamlPath;
}

type ConfigOf<Kind extends DrawnAttributeConfig['sampler']> = Extract<DrawnAttributeConfig, { sampler: Kind }>;

/** Ages are told as of this day unless the file says otherwise. */
const REFERENCE_DATE = Date.UTC(2025, 0, 1);

/** Attributes that are drawn from a distribution. Where a fault is reported, any plan will do: none is made. */
export function compileDrawnAttribute(context: CompileContext, { attribute, settings, path }: DrawnParts): DrawPlan {
  switch (settings.sampler) {
    case 'subcategory':
      return compileSubcategory(context, { attribute, settings, path });
    case 'uniform':
      return compileUniform(context, { attribute, settings, path });
    case 'gaussian':
      return compileGaussian(context, { attribute, settings, path });
    case 'poisson':
      return { kind: 'poisson', mean: settings.mean };
    case 'datetime':
      return compileDatetime(context, { attribute, settings, path });
    case 'uuid':
      return { kind: 'uuid', prefix: settings.prefix ?? '' };
    case 'person':
      return compilePerson(context, { attribute, settings, path });
  }
}

function compileSubcategory(context: CompileContext, { attribute, settings, path }: DrawnParts<ConfigOf<'subcategory'>>): DrawPlan {
  const lists = Object.entries(settings.values);
  if (lists.length === 0) context.report({ code: 'WRONG_VALUE', path: [...path, 'values'], message: `"${attribute}" has no values to draw from`, hint: 'Add a list for each value of its category.' });
  for (const [category, { values, weights }] of lists) {
    checkWeights(context, { name: `${attribute} of ${category}`, values, weights, path: [...path, 'values', category] });
  }
  const values = Object.fromEntries(lists.map(([category, list]) => [category, { values: list.values, weights: list.weights ?? null }]));
  return { kind: 'subcategory', of: settings.category, values };
}

function compileUniform(context: CompileContext, { attribute, settings, path }: DrawnParts<ConfigOf<'uniform'>>): DrawPlan {
  const { low, high } = settings;
  const decimals = settings.decimal_places ?? null;
  if (low > high || (low === high && decimals === null)) reportBounds(context, { attribute, low, high, path });
  else if (decimals !== null && Math.ceil(low * 10 ** decimals) > Math.floor(high * 10 ** decimals)) {
    const message = `No number with ${decimals} decimal places lies from ${low} to ${high}`;
    context.report({ code: 'WRONG_VALUE', path: [...path, 'decimal_places'], message, hint: 'Allow more decimal places, or a wider range.' });
  }
  return { kind: 'uniform', low, high, decimals };
}

function compileGaussian(context: CompileContext, { attribute, settings, path }: DrawnParts<ConfigOf<'gaussian'>>): DrawPlan {
  const { mean, stddev: deviation } = settings;
  const [low, high] = [settings.low ?? null, settings.high ?? null];
  if (low !== null && high !== null && low >= high) reportBounds(context, { attribute, low, high, path });
  return { kind: 'gaussian', mean, deviation, low, high, decimals: settings.decimal_places ?? null };
}

function compilePerson(context: CompileContext, { settings, path }: DrawnParts<ConfigOf<'person'>>): DrawPlan {
  const { locale = 'en_US', age_range: ages = [18, 90], reference_date: day } = settings;
  const allowed = Object.keys(PERSON_LOCALES);
  if (!Object.hasOwn(PERSON_LOCALES, locale)) {
    const hint = nearestHint(locale, allowed) ?? 'Take one that there is.';
    context.report({ code: 'WRONG_VALUE', path: [...path, 'locale'], message: `There are no people of the locale "${locale}"`, hint, allowed });
  }
  if (ages[0] > ages[1]) {
    context.report({ code: 'WRONG_VALUE', path: [...path, 'age_range'], message: `Nobody is at least ${ages[0]} and at most ${ages[1]}`, hint: 'The youngest comes first.' });
  }
  const referenceDate = day === undefined ? REFERENCE_DATE : readDate(context, { text: day, path: [...path, 'reference_date'] });
  return { kind: 'person', locale, sex: settings.sex ?? null, ages: [ages[0], ages[1]], fields: settings.fields ?? null, referenceDate: referenceDate ?? REFERENCE_DATE };
}

function reportBounds(context: CompileContext, { attribute, low, high, path }: { attribute: string; low: number; high: number; path: YamlPath }): void {
  context.report({ code: 'WRONG_VALUE', path: [...path, 'high'], message: `"${attribute}" cannot be drawn from ${low} to ${high}`, hint: 'high is greater than low.' });
}
