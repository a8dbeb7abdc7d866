import type { JsonObject } from '../../pipeline/json.ts';
import type { ReviewNodePlan } from '../../pipeline/plan.ts';
import type { OpenReviewsInput } from '../../pipeline/run-contract.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { BatchData } from '../nodes/batch-data.ts';
import type { Store } from '../store/store.ts';
import { waitingRecords, type WaitingRecord } from './parked-walks.ts';
import { pendingReviewsKey, readReviewDecision, reviewDecisionKey, type PendingReview } from './review-files.ts';
import type { RunContext } from './run-context.ts';

/**
 * Lists the records that wait for a human, for those who decide.
 * @returns how many wait
 */
export async function openReviews(options: { store: Store; run: RunContext; data: BatchData; input: OpenReviewsInput }): Promise<number> {
  const { store, run, data, input } = options;
  const output = store.openWrite(pendingReviewsKey(run.folder));
  let waiting = 0;
  try {
    for (const index of input.nodes) {
      const node = run.plan.nodes[index];
      if (node?.kind !== 'human_review') throw new SyngraphError({ code: 'STORE_INVALID', message: `node ${index} of the plan is no human_review` });
      for await (const record of waitingRecords({ store, run, data, span: input, phase: input.phase, node: index })) {
        const place = { node: node.name, visit: record.visit, id: record.source.id };
        if ((await readReviewDecision(store, reviewDecisionKey(run.folder, place))) !== null) continue;
        waiting += 1;
        const line = `${JSON.stringify(pendingReview(node, record))}\n`;
        if (!output.write(line)) await new Promise((resolve) => output.once('drain', resolve));
      }
    }
    await new Promise<void>((resolve, reject) => {
      output.once('error', reject);
      output.end(resolve);
    });
  } catch (error) {
    output.destroy();
    throw error;
  }
  return waiting;
}

function pendingReview(node: ReviewNodePlan, { source, state, visit }: WaitingRecord): PendingReview {
  const show: JsonObject = node.show === null ? state : Object.fromEntries(node.show.map((key) => [key, state[key] ?? null]));
  return { node: node.name, visit, id: source.id, ordinal: source.ordinal, show, instructions: node.instructions };
}
