import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import { retryOfRunId } from '../../pipeline/run-contract.ts';
import { inspectRun } from '../runs/inspect-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import type { RunName } from '../runs/run-name.ts';
import type { OpenServer } from '../session/open-server.ts';

/** A run with its retries, which stay or go together. */
export interface StoredRun {
  name: RunName;
  /** Its own folder and those of its retries. */
  folders: string[];
  bytes: number;
  /** Last write to any of its files, epoch milliseconds. */
  usedAt: number;
  /** `open`: somebody works on it, or it waits; `unfinished`: it could be resumed. */
  state: 'ended' | 'open' | 'unfinished';
  plans: string[];
}

/** A worker that serves a run writes to its folder every second or so. */
const BUSY_MILLISECONDS = 10 * 60_000;

/** @param server null: none is there, and what is written of a run decides */
export async function readStoredRuns(store: Store, { server, now }: { server: OpenServer | null; now: number }): Promise<StoredRun[]> {
  const runs = new Map<string, StoredRun>();
  for (const name of await listRunNames(store)) {
    const own: RunName = { pipeline: name.pipeline, run: retryOfRunId(name.run)?.run ?? name.run };
    const key = runFolder({ ...own });
    const known = runs.get(key) ?? { name: own, folders: [], bytes: 0, usedAt: 0, state: 'ended', plans: [] };
    const one = await readOne(store, { name, server, now });
    runs.set(key, {
      name: own,
      folders: [...known.folders, ...one.folders],
      bytes: known.bytes + one.bytes,
      usedAt: Math.max(known.usedAt, one.usedAt),
      state: [known.state, one.state].includes('open') ? 'open' : one.state === 'unfinished' ? 'unfinished' : known.state,
      plans: [...known.plans, ...one.plans],
    });
  }
  return [...runs.values()];
}

async function readOne(store: Store, { name, server, now }: { name: RunName; server: OpenServer | null; now: number }): Promise<StoredRun> {
  const folder = runFolder({ ...name });
  const description = await readJson<RunDescription>(store, `${folder}/run.json`);
  let bytes = 0;
  let usedAt = 0;
  for await (const entry of store.entries(folder)) {
    bytes += entry.bytes;
    usedAt = Math.max(usedAt, entry.modified);
  }
  const plans = description === null ? [] : [description.reference.planHash];
  return { name, folders: [folder], bytes, usedAt, state: await stateOf(), plans };

  async function stateOf(): Promise<StoredRun['state']> {
    const { status } = await inspectRun(store, { name, server });
    if (status === 'done' || status === 'failed_records' || status === 'cancelled' || status === 'failed' || status === 'capped') {
      // Begun anew after that end, perhaps by a worker whose server is not known here.
      const live = await lastLive();
      return server === null && live !== null && now - live < BUSY_MILLISECONDS && !(await isNewer(live)) ? 'open' : 'ended';
    }
    return status === 'stopped' ? 'unfinished' : 'open';
  }

  async function lastLive(): Promise<number | null> {
    let last: number | null = null;
    for await (const { modified } of store.entries(`${folder}/live`)) last = Math.max(last ?? 0, modified);
    return last;
  }

  /** Whether the run ended after that. */
  async function isNewer(time: number): Promise<boolean> {
    for await (const { key, modified } of store.entries(folder)) if (key === `${folder}/summary.json`) return modified >= time;
    return false;
  }
}
