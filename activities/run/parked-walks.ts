import { decodeRecords } from '../../pipeline/encode-records.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { LoadParkedInput, ParkBatchInput, ParkedBatch, ParkedWalk, RangeSpan } from '../../pipeline/run-contract.ts';
import { historyResults, pastOf } from '../../pipeline/walk-past.ts';
import type { BatchData, BatchKey } from '../nodes/batch-data.ts';
import { comparePaths, recordState, type RecordState } from '../nodes/record-state.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import type { RunContext } from './run-context.ts';
import { batchName, rangeName } from './run-files.ts';

/** `parked/<phase>/<range>/<batch>.json`: a batch whose records wait for the next phase. */
interface ParkedFile {
  parkedAt: number[];
  parked: ParkedWalk;
}

export async function parkBatch(store: Store, run: RunContext, { range, batch, phase, parkedAt, parked }: ParkBatchInput): Promise<void> {
  const file: ParkedFile = { parkedAt, parked };
  await store.write(parkedKey(run.folder, { range, batch, phase }), JSON.stringify(file));
}

export async function loadParked(store: Store, run: RunContext, place: LoadParkedInput): Promise<ParkedWalk> {
  const key = parkedKey(run.folder, place);
  const file = await readJson<ParkedFile>(store, key);
  if (file !== null) return file.parked;
  throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks ${key}, which a waiting batch needs` });
}

/** Batches of a range that have come to the end of a phase. */
export async function parkedBatches(store: Store, folder: string, { range, phase }: { range: number; phase: number }): Promise<ParkedBatch[]> {
  const found: ParkedBatch[] = [];
  for (const key of (await store.list(parkedFolder(folder, { range, phase }))).sort()) {
    const file = await readJson<ParkedFile>(store, key);
    if (file !== null) found.push({ batch: Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10), parkedAt: file.parkedAt });
  }
  return found;
}

/** A record that waits at a node. */
export interface WaitingRecord extends RecordState {
  range: number;
  batch: number;
  position: number;
  /** Of the node, once it goes on there. */
  visit: number | string;
}

/** All records that wait at a node at the end of a phase, in input order. Reads one batch at a time. */
export async function* waitingRecords(options: {
  store: Store;
  run: RunContext;
  data: BatchData;
  span: RangeSpan;
  phase: number;
  node: number;
}): AsyncGenerator<WaitingRecord> {
  const { store, run, data, span, phase, node } = options;
  for (let range = span.firstRange; range < span.endRange; range += 1) {
    for (const { batch, parkedAt } of await parkedBatches(store, run.folder, { range, phase })) {
      if (!parkedAt.includes(node)) continue;
      const key: BatchKey = { folder: run.folder, range, batch };
      const { walk } = await loadParked(store, run, { run: run.description.reference, range, batch, phase });
      const waiting: WaitingRecord[] = [];
      const sources = await data.records(key);
      for (const cohort of walk.cohorts) {
        const arrived = cohort.tokens.filter((token) => token.node === node);
        if (arrived.length === 0) continue;
        const visits = (cohort.visits.find(([visited]) => visited === node)?.[1] ?? 0) + 1;
        const visit = cohort.outer === '' ? visits : `${cohort.outer}${visits}`;
        const names = historyResults(pastOf(arrived));
        const history = await Promise.all(names.map((name) => data.result(key, name)));
        for (const position of decodeRecords(cohort.records)) {
          waiting.push({ range, batch, position, visit, ...recordState(sources, position, history) });
        }
      }
      yield* waiting.sort((left, right) => comparePaths(left.path, right.path));
      data.forget(key);
    }
  }
}

function parkedFolder(folder: string, { range, phase }: { range: number; phase: number }): string {
  return `${folder}/parked/${phase}/${rangeName(range)}`;
}

function parkedKey(folder: string, { range, batch, phase }: { range: number; batch: number; phase: number }): string {
  return `${parkedFolder(folder, { range, phase })}/${batchName(batch)}.json`;
}
