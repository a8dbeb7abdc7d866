import { loadPlan } from '../../activities/planning/load-plan.ts';
import { assertEditable } from '../../activities/run/assert-editable.ts';
import { reviewDecisionKey, type PendingReview, type ReviewDecision, type ReviewPlace } from '../../activities/run/review-files.ts';
import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { RunName } from '../runs/run-name.ts';
import { pendingReviews } from './pending-reviews.ts';
import { ALL, type ReviewRequest } from './read-requests.ts';

export interface DecideOptions {
  store: Store;
  name: RunName;
  requests: ReviewRequest[];
  /** Only records at this node. */
  node: string | null;
  comment: string | null;
  reviewer: string | null;
}

/**
 * Writes the decisions into the store, where the run finds them. Nothing is written where a record
 * that is named does not wait, or may not be edited so.
 * @returns how many were decided on, by node
 * @throws SyngraphError USAGE
 */
export async function decideReviews(options: DecideOptions): Promise<Map<string, number>> {
  const { store, name, requests, node } = options;
  if (node !== null) await assertReviewNode(options, node);
  const named = requests.filter(({ id }) => id !== ALL);
  const places = await findNamed(options, named);
  const plan = named.some(({ edit }) => edit !== null) ? await planOf(store, name) : null;
  if (plan !== null) for (const { id, edit } of named) assertEditable(plan, places.get(id)!.node, edit);
  const decided = new Map<string, number>();
  const write = async (request: ReviewRequest, place: ReviewPlace): Promise<void> => {
    const { comment, reviewer } = options;
    const decision: ReviewDecision = { decision: request.decision, edit: request.edit, comment, reviewer, at: new Date().toISOString() };
    await store.write(reviewDecisionKey(runFolder({ ...name }), place), JSON.stringify(decision));
    decided.set(place.node, (decided.get(place.node) ?? 0) + 1);
  };
  for (const request of named) await write(request, places.get(request.id)!);
  const all = requests.find(({ id }) => id === ALL);
  if (all === undefined) return decided;
  for await (const review of pendingReviews(store, name)) if (node === null || review.node === node) await write(all, review);
  return decided;
}

/** By what was asked for: the record of that id, else the only one whose id begins so. Decisions that are not carried out yet may be changed. */
async function findNamed({ store, name, node }: DecideOptions, requests: ReviewRequest[]): Promise<Map<string, ReviewPlace>> {
  const found = new Map<string, ReviewPlace[]>(requests.map(({ id }) => [id, []]));
  if (found.size > 0) {
    for await (const review of pendingReviews(store, name, { decided: true })) {
      if (node !== null && review.node !== node) continue;
      for (const [asked, places] of found) if (review.id.startsWith(asked)) places.push(placeOf(review));
    }
  }
  return new Map([...found].map(([asked, places]) => [asked, onlyOne(asked, places)]));
}

function placeOf({ node, visit, id }: PendingReview): ReviewPlace {
  return { node, visit, id };
}

const MOST_LISTED = 5;

function onlyOne(asked: string, places: ReviewPlace[]): ReviewPlace {
  const exact = places.filter(({ id }) => id === asked);
  const [one, ...more] = exact.length > 0 ? exact : places;
  if (one !== undefined && more.length === 0) return one;
  const listed = places.slice(0, MOST_LISTED).map(({ id, node }) => `${id} at ${node}`).join(', ');
  throw new SyngraphError({
    code: 'USAGE',
    message: one === undefined ? `no record ${JSON.stringify(asked)} waits for a review` : `${JSON.stringify(asked)} may be any of ${places.length} records: ${listed}${places.length > MOST_LISTED ? ', …' : ''}`,
    nextStep: one === undefined ? 'syngraph review RUN lists those that do.' : 'Write more of its id, or add --node.',
  });
}

async function assertReviewNode({ store, name }: DecideOptions, node: string): Promise<void> {
  const plan = await planOf(store, name);
  const reviews = plan?.nodes.flatMap((candidate) => (candidate.kind === 'human_review' ? [candidate.name] : [])) ?? [node];
  if (reviews.includes(node)) return;
  throw new SyngraphError({
    code: 'USAGE',
    message: `the run has no human_review node ${JSON.stringify(node)}; it has ${reviews.length === 0 ? 'none' : reviews.join(', ')}`,
    nextStep: 'Leave --node out, or name one of them.',
  });
}

async function planOf(store: Store, name: RunName): Promise<Plan | null> {
  const description = await readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`);
  return description === null ? null : loadPlan(store, description.reference.planHash);
}
