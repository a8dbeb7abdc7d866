import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';

export interface RowOrigin {
  /** Key that takes it. */
  key: string;
  file: string;
  /** Of the row in its file, from 1. */
  number: number;
  role: 'selected' | 'mixed';
}

/** The row with where it comes from. @throws SyngraphError USAGE where the row has such a key already */
export function withProvenance(row: JsonObject, { key, file, number, role }: RowOrigin): JsonObject {
  if (!Object.hasOwn(row, key)) return { ...row, [key]: { file, row: number, role } };
  throw new SyngraphError({ code: 'USAGE', message: `${file}, record ${number}, has a key ${key} already`, nextStep: 'Name another key by --provenance.' });
}
