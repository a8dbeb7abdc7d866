import { type Breathe, createBreath } from './breath.ts';
import { embedRecords, NO_TEXT } from './embed-records.ts';
import { fieldText } from './field-value.ts';
import { GrowingArray } from './growing-array.ts';
import { BandKeys } from './min-hash.ts';
import { type DecideRecord, DROP, KEEP, type SetDecision } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';
import { shingleHashes } from './shingles.ts';

/** Minima that stand for a text where there is no model. Their share of common ones is off by 0.06 at most, two times in three. */
const MINIMA = 64;
const SHINGLE = { unit: 'word', length: 2 } as const;

/** Records and how far apart their texts are. */
interface Distances {
  records: number;
  hasText: (record: number) => boolean;
  /** From 0, the same, upwards. */
  between: (one: number, other: number) => number;
  failed: ReadonlyMap<number, SetDecision>;
}

/**
 * Keeps `count` records that lie as far apart as possible: the first one, then again and again the one
 * that is farthest from all that are chosen. Its largest distance from any record to a chosen one is
 * at most twice the best possible (Gonzalez, "Clustering to minimize the maximum intercluster
 * distance", 1985). Takes records × count comparisons. Records without a text are not chosen.
 */
export async function selectDiverse(work: WorkFor<'select_diverse'>): Promise<DecideRecord> {
  const { operation } = work;
  const breathe = createBreath(work.signal);
  const distances = operation.model === null ? await distancesByWords(work, breathe) : await distancesByModel(work, operation.model);
  const chosen = await choose(distances, { count: operation.count, breathe });
  return (index) => distances.failed.get(index) ?? (chosen[index] === 1 ? KEEP : DROP);
}

async function choose({ records, hasText, between }: Distances, { count, breathe }: { count: number; breathe: Breathe }): Promise<Uint8Array> {
  const chosen = new Uint8Array(records);
  const nearest = new Float32Array(records).fill(Infinity);
  let next = nextOf(nearest, { chosen, hasText });
  for (let number = 0; number < count && next !== -1; number += 1) {
    chosen[next] = 1;
    for (let record = 0; record < records; record += 1) {
      if (chosen[record] === 1 || !hasText(record)) continue;
      const distance = between(next, record);
      if (distance < nearest[record]!) nearest[record] = distance;
      if (record % 1024 === 0) await breathe();
    }
    next = nextOf(nearest, { chosen, hasText });
  }
  return chosen;
}

/** The farthest record that is not chosen, the earliest of equals; -1 where none is left. */
function nextOf(nearest: Float32Array, { chosen, hasText }: { chosen: Uint8Array; hasText: (record: number) => boolean }): number {
  let best = -1;
  for (let record = 0; record < nearest.length; record += 1) {
    if (chosen[record] === 0 && hasText(record) && (best === -1 || nearest[record]! > nearest[best]!)) best = record;
  }
  return best;
}

async function distancesByModel(work: WorkFor<'select_diverse'>, model: string): Promise<Distances> {
  const { texts, vectors, failed } = await embedRecords(work, model);
  return {
    records: texts.length,
    hasText: (record) => texts[record] !== NO_TEXT,
    between: (one, other) => 1 - vectors.cosine(vectors.get(texts[one]!), texts[other]!),
    failed,
  };
}

async function distancesByWords({ operation, records }: WorkFor<'select_diverse'>, breathe: Breathe): Promise<Distances> {
  const keys = new BandKeys({ bands: MINIMA, rows: 1 });
  const minima = new GrowingArray(Int32Array);
  const texts = new GrowingArray(Int32Array);
  const own = new Int32Array(MINIMA);
  for await (const { state } of records()) {
    await breathe();
    const text = fieldText(state, operation.field);
    const shingles = text === null ? new Uint32Array(0) : shingleHashes(text, SHINGLE);
    texts.push(shingles.length === 0 ? NO_TEXT : minima.length);
    if (shingles.length === 0) continue;
    keys.write(shingles, own);
    for (const minimum of own) minima.push(minimum);
  }
  const [starts, values] = [texts.values(), minima.values()];
  const between = (one: number, other: number): number => {
    let different = 0;
    for (let index = 0; index < MINIMA; index += 1) if (values[starts[one]! + index] !== values[starts[other]! + index]) different += 1;
    return different / MINIMA;
  };
  return { records: starts.length, hasText: (record) => starts[record] !== NO_TEXT, between, failed: new Map() };
}
