import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';

interface Duplicate {
  /** State key that takes `quality_characteristics.heuristic_based`. */
  into: string;
  /** Name of the record that it is near to. */
  of: string;
  similarity: number;
}

/** The rule's name in `rejections`. */
const RULE = 'near_duplicates';

/** What changes in the state of a record that is near to another one: it is rejected, as a rule of a quality node rejects. */
export function rejectDuplicate(state: JsonObject, { into, of, similarity }: Duplicate): JsonObject {
  const holder = objectOf(state[into]);
  const characteristics = objectOf(holder.quality_characteristics);
  const tags = objectOf(characteristics.heuristic_based);
  const rounded = Math.round(similarity * 1e6) / 1e6;
  const before = Array.isArray(tags.rejections) ? tags.rejections : [];
  const rejections = [...before, { rule: RULE, reason: `it is near to record ${of}: their similarity is ${rounded}` }];
  const tagged = { ...tags, near_duplicate: { of, similarity: rounded }, passed: false, rejections };
  return { [into]: { ...holder, quality_characteristics: { ...characteristics, heuristic_based: tagged } } };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
