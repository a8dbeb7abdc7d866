import { BandIndex } from './band-index.ts';
import { type Breathe, createBreath } from './breath.ts';
import { decideDuplicates } from './decide-duplicates.ts';
import { DuplicatePairs } from './duplicate-pairs.ts';
import { fieldText } from './field-value.ts';
import { GrowingArray } from './growing-array.ts';
import { inOrder } from './in-order.ts';
import { BandKeys, chooseBanding } from './min-hash.ts';
import type { DecideRecord } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';
import { ShingleFile } from './shingle-file.ts';
import { jaccard, shingleHashes } from './shingles.ts';

/** No text: the record is like no other. */
const NONE = -1;

/**
 * Drops records whose text resembles one that is kept. Records are taken in order, or from the end
 * for `keep: last`: each is compared with those kept so far that share a band with it, by the exact
 * Jaccard similarity of their shingles. So whatever is dropped has a neighbour in the result, which
 * clusters of near-duplicates of near-duplicates would not promise.
 */
export async function deduplicateMinHash(work: WorkFor<'deduplicate_minhash'>): Promise<DecideRecord> {
  const { operation, signal } = work;
  const banding = chooseBanding(operation.threshold, operation.permutations);
  const shingles = new ShingleFile();
  try {
    const breathe = createBreath(signal);
    const { texts, keys } = await readTexts(work, { shingles, bandKeys: new BandKeys(banding), bands: banding.bands, breathe });
    const index = new BandIndex(keys, banding.bands);
    const dropped = new Uint8Array(texts.length);
    const pairs = new DuplicatePairs(operation);
    const recordOf = recordsOfTexts(texts);
    const checkedFor = new Int32Array(recordOf.length).fill(NONE);
    for (const record of inOrder(texts.length, operation.keep)) {
      const text = texts[record]!;
      if (text === NONE) continue;
      await breathe();
      let own: Uint32Array | null = null;
      let similarity = 0;
      const found = index.find(text, (candidate) => {
        if (checkedFor[candidate] === text) return false;
        checkedFor[candidate] = text;
        const [one, other] = [shingles.size(text), shingles.size(candidate)];
        if (Math.min(one, other) < operation.threshold * Math.max(one, other)) return false;
        own ??= shingles.read(text);
        similarity = jaccard(own, shingles.read(candidate));
        return similarity >= operation.threshold;
      });
      if (found === -1) index.add(text);
      else {
        dropped[record] = 1;
        pairs.add({ kept: recordOf[found]!, dropped: record, similarity });
      }
    }
    return await decideDuplicates(work, { dropped, pairs });
  } finally {
    shingles.close();
  }
}

interface Reading {
  shingles: ShingleFile;
  bandKeys: BandKeys;
  bands: number;
  breathe: Breathe;
}

/** Of each record the number of its text, or NONE; and the keys of the texts. */
async function readTexts(
  { operation, records }: WorkFor<'deduplicate_minhash'>,
  { shingles, bandKeys, bands, breathe }: Reading,
): Promise<{ texts: Int32Array; keys: Int32Array }> {
  const texts = new GrowingArray(Int32Array);
  const keys = new GrowingArray(Int32Array);
  const own = new Int32Array(bands);
  let count = 0;
  for await (const { state } of records()) {
    await breathe();
    const text = fieldText(state, operation.field);
    const set = text === null ? null : shingleHashes(text, { unit: operation.unit, length: operation.shingle });
    if (set === null || set.length === 0) {
      texts.push(NONE);
      continue;
    }
    texts.push(count);
    count += 1;
    shingles.add(set);
    bandKeys.write(set, own);
    for (const key of own) keys.push(key);
  }
  return { texts: texts.values(), keys: keys.values() };
}

function recordsOfTexts(texts: Int32Array): Int32Array {
  const records = new GrowingArray(Int32Array);
  for (const [record, text] of texts.entries()) if (text !== NONE) records.push(record);
  return records.values();
}
