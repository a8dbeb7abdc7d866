import type { CommandContext } from '../context.ts';
import { renderFailedGroups } from '../render/failed-groups.ts';
import { formatCount } from '../render/format.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { groupFailedRecords } from '../runs/failed-records.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { readSummary } from '../runs/read-summary.ts';
import { workflowIdOf } from '../runs/run-name.ts';

/** `syngraph failed RUN`: the failed records of an ended run by node and cause. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[], options: { limit?: number }): Promise<number> {
  const { store, terminal, isJson } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const summary = await readSummary(store, name);
  const file = summary?.failedRecords ?? null;
  const groups = file === null ? [] : await groupFailedRecords(file, options.limit ?? 3);
  if (isJson) {
    terminal.result(JSON.stringify({ pipeline: name.pipeline, runId: name.run, failedRecords: file, failed: summary?.counts.failed ?? null, groups }));
    return 0;
  }
  if (summary === null) terminal.tell(`${workflowIdOf(name)} has not ended yet; its failed records are written at its end. syngraph status ${name.run} counts them.`);
  else if (file === null) terminal.tell(`${workflowIdOf(name)} has no failed records.`);
  else {
    terminal.tell(`${formatCount(summary.counts.failed)} of ${formatCount(summary.counts.total)} records of ${workflowIdOf(name)} failed.`);
    terminal.tell('');
    for (const line of renderFailedGroups(groups, { colours: terminal.colours })) terminal.tell(line);
    terminal.tell('');
    terminal.tell(`all of them, with their states: ${file}`);
  }
  return 0;
}
