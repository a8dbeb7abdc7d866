import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import { isPresent, parsedCell, textsOf } from '../fields.ts';

/** What all rows of a conversation say alike. */
export function commonFields(metadata: JsonObject): JsonObject {
  const taxonomy = parsedCell(metadata.taxonomy);
  const classes = Array.isArray(taxonomy) ? taxonomy.filter(isJsonObject) : null;
  const named = (key: string): string[] => (classes ?? []).flatMap((entry) => textsOf(entry[key]));
  const generatedBy = metadata.generated_by;
  return {
    languages: firstTexts(metadata, ['languages', 'language', 'lang']),
    categories: classes === null ? firstTexts(metadata, ['categories', 'category']) : named('category'),
    subcategories: classes === null ? firstTexts(metadata, ['subcategories', 'subcategory']) : named('subcategory'),
    generated_by: typeof generatedBy === 'string' && generatedBy !== '' ? generatedBy : 'syngraph',
    tags: textsOf(metadata.tags),
  };
}

/** What the record says of one side of a preference: `chosen_response_quality.x` as SyGra has it, or a mapping. */
export function preferenceQuality(metadata: JsonObject, side: 'chosen' | 'rejected'): JsonObject {
  const name = `${side}_response_quality`;
  const nested = parsedCell(metadata[name]);
  const flat = Object.entries(metadata).filter(([key, value]) => key.startsWith(`${name}.`) && value !== null);
  return { ...(isJsonObject(nested) ? nested : {}), ...Object.fromEntries(flat.map(([key, value]) => [key.slice(name.length + 1), value])) };
}

function firstTexts(metadata: JsonObject, names: readonly string[]): string[] {
  const name = names.find((candidate) => isPresent(metadata[candidate]));
  return name === undefined ? [] : textsOf(metadata[name]);
}
