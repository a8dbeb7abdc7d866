import { createRedactor } from '../../activities/models/redact-secrets.ts';
import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { redactValue } from '../../activities/run/report-failed-record.ts';
import { openSourceRows } from '../../activities/run/retry/staged-retry.ts';
import { readJson } from '../../activities/store/read-json.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import { retryOfRunId, type RunSummary } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { renderFailedGroups } from '../render/failed-groups.ts';
import { renderFailedRecord } from '../render/failed-record.ts';
import { formatCount } from '../render/format.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { findFailedRecord, groupFailedRecords } from '../runs/failed-records.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { retryHint } from '../runs/retry-hint.ts';
import { readSummary } from '../runs/read-summary.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';

/** `syngraph failed RUN`: the failed records of an ended run by node and cause, or one of them in full. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[], options: { limit?: number; show?: string }): Promise<number> {
  const { store } = context;
  const { pipeline, run } = chooseRun(await listRunNames(store), asked ?? '');
  // What a retry has left belongs to its run.
  const name: RunName = { pipeline, run: retryOfRunId(run)?.run ?? run };
  const summary = await readSummary(store, name);
  if (options.show !== undefined) await show(context, { name, summary, id: options.show });
  else await list(context, { name, summary, limit: options.limit ?? 1 });
  return 0;
}

async function list({ store, terminal, isJson }: CommandContext, { name, summary, limit }: { name: RunName; summary: RunSummary | null; limit: number }): Promise<void> {
  const file = summary?.failedRecords ?? null;
  const groups = file === null ? [] : await groupFailedRecords(file, limit);
  if (isJson) {
    terminal.result(JSON.stringify({ pipeline: name.pipeline, runId: name.run, failedRecords: file, failed: summary?.counts.failed ?? null, groups }));
    return;
  }
  if (summary === null) terminal.tell(`${workflowIdOf(name)} has not ended yet; its failed records are written at its end. syngraph status ${name.run} counts them.`);
  else if (file === null) terminal.tell(`${workflowIdOf(name)} has no failed records.`);
  else {
    terminal.tell(`${formatCount(summary.counts.failed)} of ${formatCount(summary.counts.total + summary.counts.spawned)} records of ${workflowIdOf(name)} failed.`);
    terminal.tell('');
    for (const line of renderFailedGroups(groups, { colours: terminal.colours })) terminal.tell(line);
    terminal.tell('');
    terminal.tell(`all of them, with their states: ${file}`);
    terminal.tell(`one in full: syngraph failed ${name.run} --show ID`);
    const original = await readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`);
    if (original !== null) terminal.tell(`try them again: ${await retryHint(store, original)}`);
  }
}

async function show(context: CommandContext, { name, summary, id }: { name: RunName; summary: RunSummary | null; id: string }): Promise<void> {
  const { terminal, isJson } = context;
  const file = summary?.failedRecords ?? null;
  const record = file === null ? null : await findFailedRecord(file, id);
  if (record === null) {
    throw new SyngraphError({
      code: 'USAGE',
      message: `no failed record of ${workflowIdOf(name)} has the id ${JSON.stringify(id.slice(0, 100))}`,
      nextStep: summary === null ? 'The run has not ended yet; its failed records are written at its end.' : `syngraph failed ${name.run} --limit 100 shows ids.`,
    });
  }
  const input = typeof record.ordinal === 'number' ? await sourceRow(context, name, record.ordinal) : null;
  if (isJson) terminal.result(JSON.stringify({ pipeline: name.pipeline, runId: name.run, ...record, input }));
  else for (const line of renderFailedRecord(record, { input, colours: terminal.colours })) terminal.tell(line);
}

/** null: the run's source has been cleaned up. */
async function sourceRow({ store, environment }: CommandContext, name: RunName, ordinal: number): Promise<JsonValue> {
  try {
    const rows = await openSourceRows(store, { ...name });
    return redactValue((await rows(ordinal)).row, createRedactor(environment));
  } catch (error) {
    if (error instanceof SyngraphError && error.code === 'STORE_INVALID') return null;
    throw error;
  }
}
