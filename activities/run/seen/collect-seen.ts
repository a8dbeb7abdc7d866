import { createInterface } from 'node:readline';
import { retryOfRunId, type RunReference, type RunSummary } from '../../../pipeline/run-contract.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import { isPartialPart, partKey, wholeParts } from '../range-files.ts';
import { rangeName, runFolder } from '../run-files.ts';
import { isFailedRecord, isRow, readPartLines, readRanges, type RangeOfRun } from '../run-parts.ts';
import type { StagedLine } from '../staged-range.ts';
import { contentHash, sortedHashes } from './content-hash.ts';

/** Runs that only look: previews, and the samples of estimates. */
const LOOKS = 'preview-';

/** `seen.json` of a run that takes new records only: files of hashes of the records that earlier runs had. */
export interface SeenFiles {
  files: string[];
}

/**
 * Finds out which source records earlier runs of the pipeline have finished, as sorted files of
 * hashes, one a range. A record counts as seen once a run has written it, filtered it, or failed it:
 * what has failed is for `retry`. What was left unfinished is not seen. Files of ended runs stay
 * beside the runs (`seen/<pipeline>/`), so that they outlive them; so do those of removed ones.
 */
export async function collectSeen(store: Store, run: RunReference, signal: AbortSignal): Promise<void> {
  const folder = `runs/${run.pipeline}`;
  const kept = `seen/${run.pipeline}`;
  const present = (await foldersIn(store, folder)).filter((name) => name !== run.run && !name.startsWith(LOOKS) && retryOfRunId(name) === null);
  const files: string[] = [];
  for (const name of new Set([...(await foldersIn(store, kept)), ...present])) {
    const summary = await readJson<RunSummary>(store, `${folder}/${name}/summary.json`);
    const known = (await store.list(`${kept}/${name}`)).filter((key) => key.endsWith('.bin'));
    const isOver = summary === null ? !present.includes(name) : isWhole(summary);
    const ranges = (await store.list(`${folder}/${name}/source`)).filter((key) => key.endsWith('.json')).length;
    // Fewer than ranges: whoever wrote them was killed on the way.
    if (isOver && (known.length >= Math.max(1, ranges) || !present.includes(name))) files.push(...known);
    else {
      // A run that may still finish more keeps its hashes for whoever asks later: this is how far it is now.
      const target = isOver ? `${kept}/${name}` : `${runFolder(run)}/seen/${name}`;
      files.push(...(await writeSeen(store, { folder: `${folder}/${name}`, target, signal })));
    }
  }
  await store.write(`${runFolder(run)}/seen.json`, JSON.stringify({ files: files.sort() } satisfies SeenFiles));
}

/**
 * Writes down which source records a run has finished, as it is about to be removed from the store.
 * @throws SyngraphError STORE_INVALID where the run's files do not tell
 */
export async function keepSeen(store: Store, run: Pick<RunReference, 'pipeline' | 'run'>, signal: AbortSignal): Promise<void> {
  if (run.run.startsWith(LOOKS)) return;
  const folder = runFolder(run);
  const summary = await readJson<RunSummary>(store, `${folder}/summary.json`);
  // One that could be resumed may not go after all: then it is asked anew for what it has finished.
  const target = `seen/${run.pipeline}/${run.run}${summary !== null && isWhole(summary) ? '' : REMOVED}`;
  const ranges = (await store.list(`${folder}/source`)).filter((key) => key.endsWith('.json')).length;
  if ((await store.list(target)).length < Math.max(1, ranges)) await writeSeen(store, { folder, target, signal });
}

/** Ends the names of folders of hashes of runs that were removed unfinished; no run can be called so. */
const REMOVED = '~removed';

function isWhole({ status }: RunSummary): boolean {
  return status === 'done' || status === 'failed_records';
}

async function writeSeen(store: Store, { folder, target, signal }: { folder: string; target: string; signal: AbortSignal }): Promise<string[]> {
  const written: string[] = [];
  for (const [number, range] of (await readRanges(store, folder)).entries()) {
    signal.throwIfAborted();
    if (range.index.offsets === null) return [];
    const hashes = await hashesOf(store, { folder, number, range });
    const key = `${target}/${rangeName(number)}.bin`;
    await store.write(key, sortedHashes(hashes));
    written.push(key);
  }
  return written;
}

async function hashesOf(store: Store, { folder, number, range }: { folder: string; number: number; range: RangeOfRun }): Promise<Buffer[]> {
  const { index, manifest } = range;
  const whole = await wholeParts(store, folder, number);
  for (const { batch, part } of manifest?.batches ?? []) if (!isPartialPart(part)) whole.set(batch, part);
  const ended = await endedPositions(store, { folder, number, range });
  const hashes: Buffer[] = [];
  let position = 0;
  for await (const line of createInterface({ input: store.openRead(`${folder}/source/${rangeName(number)}.jsonl`), crlfDelay: Infinity })) {
    if (whole.has(Math.floor(position / index.batchSize)) || ended.has(position)) hashes.push(contentHash(JSON.parse(line) as StagedLine));
    position += 1;
  }
  return hashes;
}

/** Of batches that were stopped: records with a row, and those that have failed. */
async function endedPositions(store: Store, { folder, number, range }: { folder: string; number: number; range: RangeOfRun }): Promise<Set<number>> {
  const positions = new Set<number>();
  for (const { part } of range.manifest?.batches ?? []) {
    if (!isPartialPart(part)) continue;
    for (const line of await readPartLines(store, partKey(folder, number, part))) {
      const ordinal = isRow(line) ? Number.parseInt(line.slice(1), 10) : isFailedRecord(line) ? (JSON.parse(line) as { ordinal: number }).ordinal : null;
      if (ordinal !== null) positions.add(ordinal - range.index.firstOrdinal);
    }
  }
  return positions;
}

async function foldersIn(store: Store, folder: string): Promise<string[]> {
  return (await store.list(folder)).filter((key) => key.endsWith('/')).map((key) => key.slice(folder.length + 1, -1));
}
