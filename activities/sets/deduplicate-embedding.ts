import { createBreath } from './breath.ts';
import { decideDuplicates } from './decide-duplicates.ts';
import { inOrder } from './in-order.ts';
import { DuplicatePairs } from './duplicate-pairs.ts';
import { type EmbeddedRecords, embedRecords, NO_TEXT } from './embed-records.ts';
import type { DecideRecord } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';
import { Sketches } from './sketches.ts';
import type { VectorTable } from './vector-table.ts';

/**
 * Distinct texts from which `nearest_neighbor` looks at sketches first. Comparing all pairs takes about half a
 * microsecond each at 384 dimensions: 1 s of 2,000 texts, but half a minute of 10,000.
 */
const SKETCHED_FROM = 2_000;

/** What a text is most like, of those that are kept. */
interface Nearest {
  record: number;
  similarity: number;
}

/**
 * Drops records whose vector is as near to that of a record that is kept as the threshold says.
 * Records are taken in order, or from the end for `keep: last`, and compared with those kept so far.
 */
export async function deduplicateEmbedding(work: WorkFor<'deduplicate_embedding'>): Promise<DecideRecord> {
  const { operation } = work;
  const { texts, vectors, count, failed } = await embedRecords(work, operation.model);
  const breathe = createBreath(work.signal);
  const search = new KeptVectors({ vectors, sketches: sketchesFor(work, { vectors, count }), threshold: operation.threshold });
  const nearestOf = new Map<number, Nearest>();
  const dropped = new Uint8Array(texts.length);
  const pairs = new DuplicatePairs(operation);
  for (const record of inOrder(texts.length, operation.keep)) {
    const text = texts[record]!;
    if (text === NO_TEXT) continue;
    await breathe();
    // A text that was met before is a duplicate of itself, or of what the other was a duplicate of.
    const known = nearestOf.get(text);
    const nearest = known === undefined ? search.add(text, record) : known;
    if (nearest !== null) {
      dropped[record] = 1;
      pairs.add({ kept: nearest.record, dropped: record, similarity: nearest.similarity });
    }
    nearestOf.set(text, nearest ?? { record, similarity: 1 });
  }
  const decide = await decideDuplicates(work, { dropped, pairs });
  return (index) => failed.get(index) ?? decide(index);
}

function sketchesFor({ operation }: WorkFor<'deduplicate_embedding'>, { vectors, count }: Pick<EmbeddedRecords, 'vectors' | 'count'>): Sketches | null {
  if (operation.mode === 'all_pairs' || count <= SKETCHED_FROM) return null;
  return new Sketches({ count, dimensions: vectors.dimensions, threshold: operation.threshold });
}

class KeptVectors {
  readonly #vectors: VectorTable;
  readonly #sketches: Sketches | null;
  readonly #threshold: number;
  readonly #kept: { text: number; record: number }[] = [];

  constructor(options: { vectors: VectorTable; sketches: Sketches | null; threshold: number }) {
    this.#vectors = options.vectors;
    this.#sketches = options.sketches;
    this.#threshold = options.threshold;
  }

  /** The nearest vector at the threshold or above; null, and this one kept, where there is none. */
  add(text: number, record: number): Nearest | null {
    const vector = this.#vectors.get(text);
    const sketches = this.#sketches;
    sketches?.add(text, vector);
    let nearest: Nearest | null = null;
    let highest = this.#threshold;
    for (const other of this.#kept) {
      if (sketches !== null && !sketches.mayBeSimilar(text, other.text)) continue;
      const similarity = this.#vectors.cosine(vector, other.text);
      if (similarity < highest || (nearest !== null && similarity === highest)) continue;
      highest = similarity;
      nearest = { record: other.record, similarity };
    }
    if (nearest === null) this.#kept.push({ text, record });
    return nearest;
  }
}
