import { retryOfRunId, type RunReference } from '../../pipeline/run-contract.ts';
import type { ModelAnswer } from '../models/model-client.ts';
import { runFolder, type RunDescription } from '../run/run-files.ts';
import { createFileCache } from '../store/file-cache.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import { indexRun, type RunJournal } from './index-run.ts';
import { findInShard } from './journal-index.ts';
import { parseJournalLine } from './journal-line.ts';

/** Runs that a lookup goes back at most, and so many retries: each costs one small read per call that is not found. */
const RUNS_SEARCHED = 20;

/** Answers that earlier runs of the same pipeline with the same seed have paid for. */
export interface EarlierAnswers {
  find(key: string): Promise<{ answer: ModelAnswer; run: string } | null>;
}

/** null: there is no earlier run to look into. */
export async function openEarlierAnswers(options: {
  store: Store;
  run: RunReference;
  seed: number;
}): Promise<EarlierAnswers | null> {
  const { store, run, seed } = options;
  const files = createFileCache(store);
  const journals = await journalsOf(store, run, seed);
  if (journals.length === 0) return null;
  return {
    async find(key) {
      for (const { name, journal } of journals) {
        for (const shard of journal.shards) {
          const location = await findInShard(shard, key, (offset, length) => files.read({ key: shard.key, offset, length }));
          const segment = location && journal.segments[location.segment];
          if (location === null || segment === undefined || segment === null) continue;
          const bytes = await files.read({ key: segment, offset: location.offset, length: location.length });
          const line = bytes && parseJournalLine(bytes.toString('utf8'));
          if (line !== null && line.key === key && 'answer' in line.entry) return { answer: line.entry.answer, run: name };
        }
      }
      return null;
    },
  };
}

/** Newest first. A run that never ended, killed or still going, is indexed as far as it got. */
async function journalsOf(store: Store, run: RunReference, seed: number): Promise<{ name: string; journal: RunJournal }[]> {
  const folder = `runs/${run.pipeline}`;
  const names = (await store.list(folder)).filter((key) => key.endsWith('/')).map((key) => key.slice(folder.length + 1, -1));
  const found: { name: string; journal: RunJournal }[] = [];
  for (const name of names.filter((candidate) => candidate !== run.run)) {
    const earlier = { pipeline: run.pipeline, run: name };
    const description = await readJson<RunDescription>(store, `${runFolder(earlier)}/run.json`);
    if (description?.seed !== seed) continue;
    const indexed = await readJson<RunJournal>(store, `${runFolder(earlier)}/journal.json`);
    const journal = indexed?.complete === true ? indexed : await indexRun({ store, run: earlier, seed, complete: false });
    if (journal.shards.length > 0) found.push({ name, journal });
  }
  return searched(found.sort((left, right) => (left.journal.createdAt < right.journal.createdAt ? 1 : -1)), run);
}

/** Retries are small: they must not push the runs out that have answered most. One of them first asks the run that it belongs to. */
function searched<Run extends { name: string }>(newestFirst: Run[], { run }: RunReference): Run[] {
  const retried = retryOfRunId(run)?.run;
  const isOwn = ({ name }: Run): boolean => retried !== undefined && (name === retried || retryOfRunId(name)?.run === retried);
  const others = newestFirst.filter((one) => !isOwn(one));
  const some = (areRetries: boolean): Run[] => others.filter(({ name }) => (retryOfRunId(name) !== null) === areRetries).slice(0, RUNS_SEARCHED);
  return [...newestFirst.filter(isOwn), ...some(false), ...some(true)];
}
