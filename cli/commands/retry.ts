import { failedRecords } from '../../activities/run/retry/selected-records.ts';
import { endedRun } from '../../activities/run/retry/describe-retry.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { retryOfRunId } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { retryRun, type RetryOptions } from '../run/retry-run.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';

/** `syngraph retry RUN`: runs the failed records of an ended run again, and brings what comes of it into the run's output. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const flags = options as RetryOptions;
  const { store, terminal, isJson } = context;
  const { pipeline, run } = chooseRun(await listRunNames(store), asked ?? '');
  // What a retry has left belongs to its run.
  const name: RunName = { pipeline, run: retryOfRunId(run)?.run ?? run };
  await endedRun(store, name);
  const { records, failed, kinds } = await countSelected(context, name, flags);
  if (records > 0) return retryRun(context, { name, options: flags, records });
  if (failed > 0) {
    const { node, error, ids } = flags;
    const wanted = [...(node === undefined ? [] : [`at node ${node}`]), ...(error === undefined ? [] : [`with ${error}`])].join(' ');
    throw new SyngraphError({
      code: 'USAGE',
      message: `no failed record of ${workflowIdOf(name)}${ids === undefined ? '' : ' that --ids names'} has failed ${wanted}`,
      nextStep: `They have failed: ${[...kinds].join('; ')}. syngraph failed ${name.run} shows them.`,
    });
  }
  terminal.tell(`${workflowIdOf(name)} has no failed records.`);
  if (isJson) terminal.result(JSON.stringify({ runId: name.run, records: 0 }));
  return 0;
}

/** @throws SyngraphError USAGE for ids that no failed record has */
async function countSelected({ store }: CommandContext, name: RunName, { node, error, ids }: RetryOptions): Promise<{ records: number; failed: number; kinds: Set<string> }> {
  const kinds = new Set<string>();
  const unknown = new Set(ids);
  let records = 0;
  let failed = 0;
  for await (const record of failedRecords(store, name)) {
    failed += 1;
    if (kinds.size < MOST_NAMED) kinds.add(`at node ${record.node} with ${record.code}`);
    const isWanted = (ids === undefined || unknown.delete(record.id)) && (node === undefined || record.node === node) && (error === undefined || record.code === error);
    if (isWanted) records += 1;
  }
  if (unknown.size === 0) return { records, failed, kinds };
  throw new SyngraphError({
    code: 'USAGE',
    message: `no failed record of ${workflowIdOf(name)} has the id ${[...unknown].slice(0, MOST_NAMED).join(', ')}${unknown.size > MOST_NAMED ? ` (and ${unknown.size - MOST_NAMED} more)` : ''}`,
    nextStep: `syngraph failed ${name.run} --limit 100 shows ids.`,
  });
}

const MOST_NAMED = 10;
