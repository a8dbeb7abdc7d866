import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { ReviewNodePlan } from '../../pipeline/plan.ts';
import { readReviewDecision, reviewDecisionKey, type ReviewDecision } from '../run/review-files.ts';
import { failedOutcome, type NodeOutcome, type NodeWork, type WorkRecord } from './node-work.ts';

/** Small files that are read at once. */
const READ_TOGETHER = 16;

/** Carries out what somebody has decided for each record; the engine runs the node once every decision is there. */
export async function runReview(node: ReviewNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const outcomes: NodeOutcome[] = [];
  for (let start = 0; start < work.records.length; start += READ_TOGETHER) {
    work.signal.throwIfAborted();
    const part = work.records.slice(start, start + READ_TOGETHER);
    outcomes.push(...(await Promise.all(part.map(async (record) => outcomeOf({ node, work, decision: await decisionFor(work, record) })))));
  }
  return outcomes;
}

async function decisionFor(work: NodeWork, { source, visit }: WorkRecord): Promise<ReviewDecision> {
  const { store } = work.dependencies;
  const key = reviewDecisionKey(work.run.folder, { node: work.name, visit, id: source.id });
  const decision = await readReviewDecision(store, key);
  if (decision !== null) return decision;
  throw new SyngraphError({
    code: 'STORE_INVALID',
    message: `the store ${store.location} lacks the decision on record ${source.id} at ${work.name} (${key})`,
    nextStep: 'Decide on it again with syngraph review.',
  });
}

function outcomeOf({ node, work, decision }: { node: ReviewNodePlan; work: NodeWork; decision: ReviewDecision }): NodeOutcome {
  const { decision: verdict, comment, reviewer } = decision;
  if (verdict === 'reject' && node.onReject === 'filter') return { kind: 'filtered' };
  if (verdict === 'reject' && node.onReject === 'fail') {
    const by = reviewer === null ? '' : ` by ${reviewer}`;
    const why = comment === null ? '' : `: ${comment}`;
    return failedOutcome(work, { code: 'REVIEW_REJECTED', message: `rejected${by}${why}` });
  }
  const set: JsonObject = {};
  // Decision files come from outside: keys that the pipeline does not open to reviewers stay as they are.
  if (verdict === 'edit') for (const key of node.edit) if (Object.hasOwn(decision.edit ?? {}, key)) set[key] = decision.edit![key]!;
  set[node.decisionKey] = { decision: verdict, comment, reviewer };
  return { kind: 'changed', change: { set } };
}
