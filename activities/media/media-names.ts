import type { JsonValue } from '../../pipeline/json.ts';
import { isMediaReference } from './media-reference.ts';

/** References deeper than this are not looked for. */
export const DEEPEST_REFERENCE = 32;

/** Names of the images and sounds that a value refers to, each once. */
export function mediaNamesIn(value: JsonValue): string[] {
  const names = new Set<string>();
  collect(value, names, 0);
  return [...names];
}

function collect(value: JsonValue, names: Set<string>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > DEEPEST_REFERENCE) return;
  if (isMediaReference(value)) names.add(value.$media);
  else for (const inner of Object.values(value)) collect(inner, names, depth + 1);
}
