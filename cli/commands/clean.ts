import { cacheFolder } from '../../activities/cache/cache-folder.ts';
import { keepSeen } from '../../activities/run/seen/collect-seen.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { chooseExpired } from '../clean/choose-expired.ts';
import { findDownloads, removeDownload, type CachedDownload } from '../clean/clean-cache.ts';
import { findUnreferred } from '../clean/find-unreferred.ts';
import { readStoredRuns, type StoredRun } from '../clean/stored-runs.ts';
import type { CommandContext } from '../context.ts';
import { formatBytes } from '../options/parse-size.ts';
import { renderTable } from '../render/table.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { workflowIdOf } from '../runs/run-name.ts';
import { describeSchedule } from '../schedule/describe-schedule.ts';
import { isOurs } from '../schedule/open-schedule.ts';
import { findOpenServer, type OpenServer } from '../session/open-server.ts';

interface CleanOptions {
  /** Milliseconds. */
  olderThan?: number;
  /** Bytes. */
  keepSize?: number;
  unfinished?: boolean;
  cache?: boolean;
  yes?: boolean;
}

/** `syngraph clean [RUN…]`: shows which runs, plans and downloads may go, and removes them where `--yes` says so. */
export async function execute(context: CommandContext, positionals: (string | string[] | undefined)[], options: CleanOptions): Promise<number> {
  const { store, terminal, isJson, environment } = context;
  const asked = positionals.flat().filter((name) => name !== undefined);
  const { olderThan, keepSize: keepBytes, unfinished = false, cache = false, yes = false } = options;
  if (asked.length === 0 && olderThan === undefined && keepBytes === undefined && !cache) {
    throw new SyngraphError({ code: 'USAGE', message: 'what may be removed is not said', nextStep: 'Name runs, or give --older-than 30d, --keep-size 10GB or --cache. Without --yes it is only shown.' });
  }
  const now = Date.now();
  const server = await findOpenServer(context);
  try {
    const runs = await readStoredRuns(store, { server, now });
    const named = new Set(asked.map((name) => namedRun(runs, name)));
    const limits = { ...(olderThan === undefined ? {} : { before: now - olderThan }), ...(keepBytes === undefined ? {} : { keepBytes }) };
    const expired = chooseExpired(runs, { ...limits, named, unfinished });
    const staying = runs.filter((run) => !expired.includes(run));
    const plans = server === null ? null : [...staying.flatMap((run) => run.plans), ...(await plansOfSchedules(server))];
    const unreferred = await findUnreferred(store, { folders: staying.flatMap((run) => run.folders), plans, now });
    const downloads = cache ? (await findDownloads(cacheFolder(environment))).filter(({ writtenAt }) => writtenAt < now - (olderThan ?? 0)) : [];
    if (yes) {
      for (const run of expired) {
        const lost = await keepSeen(store, run.name, new AbortController().signal).catch((error: unknown) => error as Error);
        if (lost instanceof Error) terminal.warn(`The records of ${workflowIdOf(run.name)} are new again for --new-only: ${lost.message}`);
        await removeRun(store, run);
      }
      for (const { key } of unreferred) await store.remove(key);
      for (const download of downloads) await removeDownload(download);
    }
    const bytes = [...expired, ...unreferred, ...downloads].reduce((sum, one) => sum + one.bytes, 0);
    if (isJson) {
      terminal.result(JSON.stringify({
        removed: yes, bytes,
        runs: expired.map(({ name, bytes: size, usedAt }) => ({ pipeline: name.pipeline, runId: name.run, bytes: size, usedAt: new Date(usedAt).toISOString() })),
        unreferred: unreferred.map(({ key, bytes: size }) => ({ key, bytes: size })),
        downloads: downloads.map(({ path, bytes: size }) => ({ path, bytes: size })),
        kept: staying.filter(({ state }) => state !== 'ended').map(({ name, state }) => ({ pipeline: name.pipeline, runId: name.run, state })),
      }));
      return 0;
    }
    for (const line of describe({ expired, staying, unreferredBytes: unreferred.reduce((sum, one) => sum + one.bytes, 0), unreferred: unreferred.length, downloads, bytes, yes, arePlansKnown: plans !== null })) terminal.tell(line);
    return 0;
  } finally {
    await server?.close();
  }
}

function namedRun(runs: StoredRun[], name: string): StoredRun {
  const chosen = chooseRun(runs.map((run) => run.name), name);
  const run = runs.find((one) => one.name === chosen)!;
  if (run.state !== 'open') return run;
  throw new SyngraphError({ code: 'USAGE', message: `${workflowIdOf(chosen)} is open`, nextStep: `syngraph cancel ${chosen.run} ends it; what it has finished is written first.` });
}

/** What says that a run has ended goes last: a removal that was interrupted is taken up by the next one. */
async function removeRun(store: Store, { folders }: StoredRun): Promise<void> {
  for (const folder of folders) {
    for (const key of await store.list(folder)) if (key.endsWith('/')) await store.removeFolder(key);
    await store.removeFolder(folder);
  }
}

async function plansOfSchedules({ client }: OpenServer): Promise<string[]> {
  const plans: string[] = [];
  for await (const schedule of client.schedule.list()) {
    if (!isOurs(schedule)) continue;
    const { planHash } = describeSchedule(await client.schedule.getHandle(schedule.scheduleId).describe()).input;
    if (planHash !== undefined) plans.push(planHash);
  }
  return plans;
}

interface Cleaning {
  expired: StoredRun[];
  staying: StoredRun[];
  unreferred: number;
  unreferredBytes: number;
  downloads: CachedDownload[];
  bytes: number;
  yes: boolean;
  arePlansKnown: boolean;
}

function describe({ expired, staying, unreferred, unreferredBytes, downloads, bytes, yes, arePlansKnown }: Cleaning): string[] {
  const open = staying.filter(({ state }) => state === 'open').length;
  const unfinished = staying.filter(({ state }) => state === 'unfinished').length;
  const table = renderTable(
    [{ title: 'run' }, { title: 'size', align: 'right' }, { title: 'last used' }],
    expired.map((run) => [workflowIdOf(run.name), formatBytes(run.bytes), new Date(run.usedAt).toISOString().slice(0, 16).replace('T', ' ')]),
  );
  return [
    ...(expired.length === 0 ? [] : [...table, '']),
    ...(unreferred === 0 ? [] : [`${unreferred} plans, code and media of no run: ${formatBytes(unreferredBytes)}`]),
    ...downloads.map((download) => `${download.path}: ${formatBytes(download.bytes)}`),
    ...(open === 0 ? [] : [`${open} open run${open === 1 ? ' stays' : 's stay'}.`]),
    ...(unfinished === 0 ? [] : [`${unfinished} unfinished run${unfinished === 1 ? ' stays' : 's stay'}: --unfinished takes such runs too; they cannot be resumed then.`]),
    ...(arePlansKnown ? [] : ['Plans and code stay: no Temporal server could be asked which of them schedules use.']),
    ...(expired.length === 0 ? [] : ['With a run go its failed records, and the answers that later runs of its pipeline would reuse. Its output files stay, and so does what --new-only has seen.']),
    ...(bytes === 0 && expired.length === 0 ? ['Nothing to remove.'] : [yes ? `${formatBytes(bytes)} freed.` : `${formatBytes(bytes)} would be freed; --yes does it.`]),
  ];
}
