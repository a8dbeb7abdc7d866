import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { readControl } from '../../activities/run/steering/control-file.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { RunProgress, RunStatus } from '../../pipeline/run-contract.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { OpenServer } from '../session/open-server.ts';
import { recordsInParts } from '../watch/finished-records.ts';
import { queryProgress } from '../watch/query-progress.ts';
import { readPauseNote } from './pause-note.ts';
import { readLive, type LiveTotals } from './read-live.ts';
import { endStatus, readSummary } from './read-summary.ts';
import { workflowIdOf, type RunName } from './run-name.ts';
import { uiAddress } from './ui-address.ts';

/** What can be said of a run from outside: by its files, and by the server where one answers. */
export interface InspectedRun {
  pipeline: string;
  runId: string;
  task: string | null;
  /** Absent: `pipeline`. */
  workflowType?: string;
  /** `stopped`: nobody works on it, and it has not ended, and why is not known; `waiting`: open, but no worker serves it. */
  status: RunStatus | 'stopped' | 'waiting';
  createdAt: string | null;
  /** null where nothing is known. */
  counts: { total: number; done: number; failed: number } | null;
  /** Where the output is, or will be. */
  output: string | null;
  failedRecords: string | null;
  pause: RunProgress['pause'];
  /** Why a run that has ended stopped where it did: budget, tokens or time. */
  stop: RunProgress['pause'];
  temporalUi: string | null;
  simulatedModels: string[];
  nodes: Record<string, NodeStatistics>;
  progress: RunProgress | null;
}

const DESCRIBE_MILLISECONDS = 3_000;

/** Never hangs: every question to the server has a deadline, and queries are asked only of open runs. */
export async function inspectRun(store: Store, { name, server }: { name: RunName; server: OpenServer | null }): Promise<InspectedRun> {
  const [description, summary, live, note, control] = await Promise.all([
    readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`),
    readSummary(store, name),
    readLive(store, name, Date.now()),
    readPauseNote(store, name),
    readControl(store, runFolder({ ...name })),
  ]);
  const isOpen = server !== null && (await isRunning(server, name));
  const progress = isOpen ? await queryProgress(server.client, name) : null;
  const counts = isOpen ? await countsOfOpen(store, { name, progress, live }) : summary === null ? null : summary.counts;
  const hasEndedWell = summary?.status === 'done' || summary?.status === 'failed_records';
  // A run that answers speaks for itself. The summary may be that of an execution before the pause.
  const pause = progress !== null ? progress.pause : isOpen ? (control.paused?.cause ?? note) : hasEndedWell ? null : note;
  const closedStatus = summary === null ? 'stopped' : endStatus(summary);
  const status = progress?.status ?? (pause !== null ? 'paused' : isOpen ? 'waiting' : closedStatus);
  return {
    pipeline: name.pipeline,
    runId: name.run,
    task: description?.task ?? null,
    ...(description?.workflowType === undefined ? {} : { workflowType: description.workflowType }),
    status,
    createdAt: description?.createdAt ?? null,
    counts: counts === null ? null : { total: counts.total + (counts.spawned ?? 0), done: counts.written + counts.filtered, failed: counts.failed },
    output: summary?.output ?? description?.outputs[0]?.path ?? null,
    failedRecords: summary?.failedRecords ?? null,
    pause,
    stop: isOpen ? null : (summary?.stop ?? null),
    temporalUi: server === null ? null : uiAddress(server.server, workflowIdOf(name)),
    simulatedModels: description?.simulatedModels ?? [],
    nodes: !isOpen && summary !== null ? summary.nodes : live.nodes,
    progress,
  };
}

/** The run hears of its batches by ranges; what lies in finished batches is known before. */
async function countsOfOpen(store: Store, { name, progress, live }: { name: RunName; progress: RunProgress | null; live: LiveTotals }): Promise<(RunProgress['counts'] & { total: number }) | null> {
  if (progress === null) return null;
  const { counts, staged } = progress;
  const failed = Math.min(staged, Math.max(counts.failed, Object.values(live.nodes).reduce((sum, node) => sum + node.failed, 0)));
  const finished = Math.max(0, (await recordsInParts(store, runFolder({ ...name }))) - failed - counts.filtered);
  return { ...counts, failed, written: Math.max(counts.written, finished), total: staged };
}

async function isRunning({ client }: OpenServer, name: RunName): Promise<boolean> {
  try {
    const description = await client.connection.withDeadline(Date.now() + DESCRIBE_MILLISECONDS, () =>
      client.workflow.getHandle(workflowIdOf(name)).describe(),
    );
    return description.status.name === 'RUNNING';
  } catch {
    // Past its retention, or no answer in time: the store says what it knows.
    return false;
  }
}
