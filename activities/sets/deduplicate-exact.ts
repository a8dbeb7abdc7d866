import { createBreath } from './breath.ts';
import { decideDuplicates } from './decide-duplicates.ts';
import { DigestTable, textDigest } from './digest-table.ts';
import { DuplicatePairs } from './duplicate-pairs.ts';
import { fieldText } from './field-value.ts';
import { GrowingArray } from './growing-array.ts';
import type { DecideRecord } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';
import { normalizeText } from './shingles.ts';

const NONE = -1;

/** Drops records whose text, case and blanks aside, another record has too. */
export async function deduplicateExact(work: WorkFor<'deduplicate_exact'>): Promise<DecideRecord> {
  const { operation, records, signal } = work;
  const breathe = createBreath(signal);
  const table = new DigestTable();
  const texts = new GrowingArray(Int32Array);
  for await (const { state } of records()) {
    await breathe();
    const text = fieldText(state, operation.field);
    texts.push(text === null ? NONE : table.add(textDigest(normalizeText(text))));
  }
  const numbers = texts.values();
  const keptOf = new Int32Array(table.size).fill(NONE);
  for (const [record, text] of numbers.entries()) {
    if (text !== NONE && (operation.keep === 'last' || keptOf[text] === NONE)) keptOf[text] = record;
  }
  const dropped = new Uint8Array(numbers.length);
  const pairs = new DuplicatePairs(operation);
  for (const [record, text] of numbers.entries()) {
    if (text === NONE || keptOf[text] === record) continue;
    dropped[record] = 1;
    pairs.add({ kept: keptOf[text]!, dropped: record, similarity: 1 });
  }
  return decideDuplicates(work, { dropped, pairs });
}
