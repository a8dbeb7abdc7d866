import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { endStatus, readSummary } from '../runs/read-summary.ts';
import { PREVIEW_PREFIX, workflowIdOf, type RunName } from '../runs/run-name.ts';

export interface ResumableRun {
  name: RunName;
  description: RunDescription;
}

/**
 * The run to go on with: the named one, else the latest of the pipeline that has not ended well.
 * @throws SyngraphError RUN_NOT_FOUND
 */
export async function findRunToResume(store: Store, { pipeline, run }: { pipeline: string | null; run: string | null }): Promise<ResumableRun> {
  const names = await listRunNames(store, pipeline ?? undefined);
  if (run !== null) return describe(store, chooseRun(names, run));
  const candidates: ResumableRun[] = [];
  for (const name of names) {
    if (name.run.startsWith(PREVIEW_PREFIX)) continue;
    const description = await readDescription(store, name);
    // Failed records are final for their run; a new run tries them again and reuses the other answers.
    const summary = await readSummary(store, name);
    const status = summary === null ? null : endStatus(summary);
    if (description !== null && status !== 'done' && status !== 'failed_records') candidates.push({ name, description });
  }
  const latest = candidates.sort((left, right) => right.description.createdAt.localeCompare(left.description.createdAt))[0];
  if (latest !== undefined) return latest;
  throw new SyngraphError({
    code: 'RUN_NOT_FOUND',
    message: `${pipeline ?? 'the store'} has no run to go on with: ${names.length === 0 ? 'none was ever started' : 'all have ended'}`,
    nextStep: 'Start a new one without --resume; it reuses the answers of earlier runs.',
  });
}

async function describe(store: Store, name: RunName): Promise<ResumableRun> {
  const description = await readDescription(store, name);
  if (description !== null) return { name, description };
  throw new SyngraphError({
    code: 'RUN_NOT_FOUND',
    message: `the run ${workflowIdOf(name)} was stopped before it had begun`,
    nextStep: 'Start it again without --resume.',
  });
}

async function readDescription(store: Store, name: RunName): Promise<RunDescription | null> {
  return readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`);
}
