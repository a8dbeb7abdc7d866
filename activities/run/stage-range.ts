import { RANGE_BATCHES, type ParkedBatch, type StageRangeInput, type StagedRange } from '../../pipeline/run-contract.ts';
import type { RecordCounts } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import { parkedBatches } from './parked-walks.ts';
import { finishedBatches, readManifest } from './range-files.ts';
import type { RunContext } from './run-context.ts';
import { rangeName } from './run-files.ts';
import type { StagedIndex, StagedLine } from './staged-range.ts';

const MOST_BATCH_RECORDS = 200;
const FEWEST_BATCH_RECORDS = 10;

/** At least so many batches where there are enough records, so that their steps overlap. */
const BATCHES_WANTED = 8;

/** Characters that are gathered before they are written. */
const WRITE_CHARACTERS = 256 * 1024;

/** Runs whose sources a worker keeps open between their ranges. */
const KEPT_SESSIONS = 16;

/** The source of a run being read, range by range. */
export interface StagingSession {
  groups: AsyncIterator<Iterable<StagedLine>>;
  /** What is at hand of the lines. */
  lines: Iterator<StagedLine>;
  /** Records handed out so far. */
  position: number;
  /** Read ahead to know whether a range is the last one. */
  next: StagedLine | null;
}

export interface StageRangeOptions {
  dependencies: ActivityDependencies;
  run: RunContext;
  input: StageRangeInput;
  /** Opens the source at its first record that is wanted. */
  openSession(): Promise<StagingSession>;
  /** Sessions that this worker has open, by run; a worker that lacks one reads the source from its beginning. */
  sessions: Map<string, StagingSession>;
}

/**
 * Copies the next range of the transformed source into the store, with ids and the place of each
 * batch: so batches do not depend on the format, and a range is read once however often it is tried.
 */
export async function stageRange(options: StageRangeOptions): Promise<StagedRange> {
  const { dependencies, run, input } = options;
  const name = `${run.folder}/source/${rangeName(input.range)}`;
  const known = await readJson<StagedIndex>(dependencies.store, `${name}.json`);
  const index = known ?? (run.plan.source === null && run.description.retry === undefined ? stageDataless(run, input) : await stageSource(options, name));
  if (known === null) await dependencies.store.write(`${name}.json`, JSON.stringify(index));
  const manifest = await readManifest(dependencies.store, run.folder, input.range);
  return {
    records: index.records,
    batchSize: index.batchSize,
    last: index.last,
    finishedBatches: await finishedBatches(dependencies.store, run.folder, input.range),
    parkedBatches: await unfinishedParked(dependencies.store, run.folder, input),
    closed: manifest !== null && isWhole(manifest.counts, index.records) ? manifest.counts : null,
  };
}

/** A range that was cancelled, or that an error left, is run again: what is done of it is found in its parts. */
function isWhole(counts: RecordCounts, records: number): boolean {
  return counts.cancelled === 0 && counts.written + counts.failed + counts.filtered === records + counts.spawned;
}

/** A batch that was parked in this phase, and has not been finished in a later one. */
async function unfinishedParked(store: Store, folder: string, { range, phase }: StageRangeInput): Promise<ParkedBatch[]> {
  const finished = new Set(await finishedBatches(store, folder, range));
  const parked = await parkedBatches(store, folder, { range, phase });
  return parked.filter(({ batch }) => !finished.has(batch));
}

export function batchSizeFor(records: number): number {
  return Math.min(MOST_BATCH_RECORDS, Math.max(FEWEST_BATCH_RECORDS, Math.floor(records / BATCHES_WANTED)));
}

function stageDataless(run: RunContext, input: StageRangeInput): StagedIndex {
  const total = run.description.numRecords ?? 0;
  const first = run.description.startIndex;
  const batchSize = input.batchSize ?? batchSizeFor(input.most ?? total);
  const wanted = Math.min(RANGE_BATCHES * batchSize, total - input.first, input.most ?? Infinity);
  const records = Math.max(0, wanted);
  return { firstOrdinal: first + input.first, records, batchSize, last: input.first + records >= total, offsets: null };
}

async function stageSource(options: StageRangeOptions, name: string): Promise<StagedIndex> {
  const { run, input, dependencies } = options;
  const batchSize = input.batchSize ?? run.description.batchSize;
  const most = Math.min(RANGE_BATCHES * (batchSize ?? MOST_BATCH_RECORDS), input.most ?? Infinity);
  const firstOrdinal = input.first;
  const session = await sessionAt(options, firstOrdinal);
  // Nobody else may read on from it meanwhile, not even another attempt of this activity.
  options.sessions.delete(run.folder);
  const total = run.description.numRecords ?? Infinity;
  const lines: number[] = [0];
  const output = dependencies.store.openWrite(`${name}.jsonl`);
  let bytes = 0;
  let unwritten = '';
  try {
    while (lines.length <= most && session.position < total) {
      // Most lines are at hand: waiting for each would cost more than writing it.
      const line = takeAtHand(session) ?? (await take(session));
      if (line === null) break;
      const text = `${JSON.stringify(line)}\n`;
      bytes += Buffer.byteLength(text);
      lines.push(bytes);
      unwritten += text;
      if (unwritten.length < WRITE_CHARACTERS) continue;
      if (!output.write(unwritten)) await new Promise((resolve) => output.once('drain', resolve));
      unwritten = '';
    }
    output.write(unwritten);
    await new Promise<void>((resolve, reject) => {
      output.once('error', reject);
      output.end(resolve);
    });
  } catch (error) {
    output.destroy();
    await session.groups.return?.();
    throw error;
  }
  const records = lines.length - 1;
  const last = session.position >= total || (await peek(session)) === null;
  // Closes what is open where the source has more than was asked for.
  if (last) await session.groups.return?.();
  else await keepSession(options, session);
  const size = batchSize ?? (last || input.most !== undefined ? batchSizeFor(records) : MOST_BATCH_RECORDS);
  const offsets = lines.filter((_, line) => line % size === 0);
  if (records % size !== 0) offsets.push(bytes);
  return { firstOrdinal, records, batchSize: size, last, offsets };
}

/** The session of this run where the range begins; a worker that has none reads up to there, to count duplicates. */
async function sessionAt(options: StageRangeOptions, position: number): Promise<StagingSession> {
  const known = options.sessions.get(options.run.folder);
  if (known?.position === position) return known;
  const session = await options.openSession();
  while (session.position < position) if ((await take(session)) === null) break;
  return session;
}

/** Runs that are cancelled, or have reached their target, leave theirs behind: the oldest make room. */
async function keepSession({ run, sessions }: StageRangeOptions, session: StagingSession): Promise<void> {
  sessions.set(run.folder, session);
  for (const [folder, oldest] of sessions) {
    if (sessions.size <= KEPT_SESSIONS) break;
    sessions.delete(folder);
    await oldest.groups.return?.();
  }
}

/** The next line, which stays the next one; null at the end of the source. */
async function peek(session: StagingSession): Promise<StagedLine | null> {
  for (;;) {
    const line = peekAtHand(session);
    if (line !== null) return line;
    const group = await session.groups.next();
    if (group.done === true) return null;
    session.lines = group.value[Symbol.iterator]();
  }
}

/** null where none is at hand. */
function peekAtHand(session: StagingSession): StagedLine | null {
  if (session.next === null) {
    const next = session.lines.next();
    session.next = next.done === true ? null : next.value;
  }
  return session.next;
}

async function take(session: StagingSession): Promise<StagedLine | null> {
  return (await peek(session)) === null ? null : takeAtHand(session);
}

function takeAtHand(session: StagingSession): StagedLine | null {
  const line = peekAtHand(session);
  session.next = null;
  if (line !== null) session.position += 1;
  return line;
}

export function createSession(groups: AsyncIterator<Iterable<StagedLine>>): StagingSession {
  return { groups, lines: [].values(), position: 0, next: null };
}

/** The same for lines that come one by one. */
export async function* groupsOf(lines: AsyncIterable<StagedLine>): AsyncGenerator<StagedLine[]> {
  for await (const line of lines) yield [line];
}
