import { fieldText } from './field-value.ts';
import type { SetWork } from './set-work.ts';

/** What the records at these positions are called: by another pass over all, so that no names are held before it is known whose. */
export async function recordNames(work: Pick<SetWork, 'records'>, { wanted, idField }: { wanted: ReadonlySet<number>; idField: string | null }): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  if (wanted.size === 0) return names;
  let index = 0;
  for await (const { id, state } of work.records()) {
    if (wanted.has(index)) names.set(index, (idField === null ? null : fieldText(state, idField)) ?? id);
    index += 1;
  }
  return names;
}
