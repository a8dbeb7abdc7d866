import type { PendingReview } from '../../activities/run/review-files.ts';
import type { CommandContext } from '../context.ts';
import { formatCount } from '../render/format.ts';
import { renderPendingReviews } from '../render/pending-reviews.ts';
import { decideReviews } from '../reviews/decide-reviews.ts';
import { pendingReviews } from '../reviews/pending-reviews.ts';
import { readRequests, type ReviewOptions } from '../reviews/read-requests.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';
import { findOpenServer } from '../session/open-server.ts';

const DEFAULT_LIMIT = 10;

/** `syngraph review RUN`: shows the records that wait for somebody, or writes what has been decided and tells the run. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[], options: ReviewOptions): Promise<number> {
  const { store, environment } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const node = options.node ?? null;
  const requests = readRequests(options);
  if (requests.length === 0 || options.list === true) {
    await list(context, { name, node, limit: options.limit ?? DEFAULT_LIMIT });
    return 0;
  }
  const reviewer = options.reviewer ?? environment.USER ?? environment.USERNAME ?? null;
  const decided = await decideReviews({ store, name, requests, node, comment: options.comment ?? null, reviewer });
  await report(context, { name, decided, told: await tellRun(context, name, decided) });
  return 0;
}

async function list({ store, terminal, isJson }: CommandContext, { name, node, limit }: { name: RunName; node: string | null; limit: number }): Promise<void> {
  const shown: PendingReview[] = [];
  let waiting = 0;
  for await (const review of pendingReviews(store, name)) {
    if (node !== null && review.node !== node) continue;
    waiting += 1;
    if (shown.length < limit) shown.push(review);
  }
  if (isJson) {
    terminal.result(JSON.stringify({ pipeline: name.pipeline, runId: name.run, waiting, reviews: shown }));
    return;
  }
  if (waiting === 0) {
    terminal.tell(`No record of ${workflowIdOf(name)} waits for a review.`);
    return;
  }
  for (const line of renderPendingReviews(shown, terminal.colours)) terminal.tell(line);
  terminal.tell('');
  const rest = waiting > shown.length ? `, ${formatCount(shown.length)} of them above (--limit shows more)` : '';
  terminal.tell(`${formatCount(waiting)} ${waiting === 1 ? 'record waits' : 'records wait'} for a review${rest}.`);
  terminal.tell(`syngraph review ${name.run} --approve ID | --reject ID --comment WHY | --edit ID key=value; all instead of an ID means the rest.`);
}

/** Whether the run is open and has been told; else it finds the decisions when it goes on. */
async function tellRun(context: CommandContext, name: RunName, decided: ReadonlyMap<string, number>): Promise<boolean> {
  if (decided.size === 0) return false;
  const server = await findOpenServer(context);
  if (server === null) return false;
  try {
    const { WorkflowNotFoundError } = await import('@temporalio/client');
    const handle = server.client.workflow.getHandle(workflowIdOf(name));
    try {
      for (const [node, count] of decided) await handle.signal('reviewed', { node, decided: count });
      return true;
    } catch (error) {
      // It has closed, and takes up what was decided when it is resumed.
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  } finally {
    await server.close();
  }
}

async function report(
  { store, terminal, isJson }: CommandContext,
  { name, decided, told }: { name: RunName; decided: ReadonlyMap<string, number>; told: boolean },
): Promise<void> {
  let waiting = 0;
  for await (const _ of pendingReviews(store, name)) waiting += 1;
  const count = [...decided.values()].reduce((sum, number) => sum + number, 0);
  if (isJson) {
    terminal.result(JSON.stringify({ pipeline: name.pipeline, runId: name.run, decided: count, waiting, told }));
    return;
  }
  terminal.tell(`${formatCount(count)} ${count === 1 ? 'record' : 'records'} of ${workflowIdOf(name)} decided on; ${formatCount(waiting)} still to go.`);
  if (count > 0 && !told) terminal.tell(`The run is not open. It takes the decisions up when it goes on: syngraph run TASK --resume ${name.run}`);
}
