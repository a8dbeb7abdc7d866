import { SyngraphError } from '../../pipeline/errors.ts';
import type { ReviewUpdate } from '../../pipeline/run-contract.ts';
import type { Store } from '../store/store.ts';
import { assertEditable } from './assert-editable.ts';
import { pendingReviewsKey, readReviewDecision, reviewDecisionKey, type PendingReview, type ReviewDecision } from './review-files.ts';
import type { RunContext } from './run-context.ts';

/** Records that are named where the one that was asked for does not wait. */
const NAMED = 5;

/** Writes what a human has decided on one record; the record goes on with it once the others are decided. */
export async function decideReview({ store, run, update }: { store: Store; run: RunContext; update: ReviewUpdate }): Promise<void> {
  const { decision, id, edit = null, comment = null, reviewer = null } = update;
  if (decision === 'edit' && edit === null) throw new SyngraphError({ code: 'USAGE', message: 'the decision "edit" needs new values in "edit"' });
  const content = (await store.read(pendingReviewsKey(run.folder)))?.toString('utf8') ?? '';
  const pending = content.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as PendingReview);
  const place = pending.find((review) => review.id === String(id) && (update.node === undefined || review.node === update.node));
  if (place === undefined) throw notWaiting(update, pending);
  assertEditable(run.plan, place.node, edit);
  const key = reviewDecisionKey(run.folder, place);
  // The first decision stands, so that two people cannot undo each other's unseen.
  if ((await readReviewDecision(store, key)) !== null) throw new SyngraphError({ code: 'USAGE', message: `record ${place.id} at ${place.node} has been decided on already` });
  const file: ReviewDecision = { decision, edit, comment, reviewer, at: new Date().toISOString() };
  await store.write(key, JSON.stringify(file));
}

function notWaiting({ id, node }: ReviewUpdate, pending: PendingReview[]): SyngraphError {
  const names = pending.slice(0, NAMED).map((review) => `${review.id} at ${review.node}`);
  const waiting = names.length === 0 ? 'none does' : `${names.join(', ')}${pending.length > NAMED ? ', …' : ''} do`;
  return new SyngraphError({ code: 'USAGE', message: `no record ${String(id)} waits${node === undefined ? '' : ` at ${node}`}; ${waiting}` });
}
