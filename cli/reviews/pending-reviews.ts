import { createInterface } from 'node:readline';
import { pendingReviewsKey, readReviewDecision, reviewDecisionKey, type PendingReview } from '../../activities/run/review-files.ts';
import { runFolder } from '../../activities/run/run-files.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { RunName } from '../runs/run-name.ts';

/**
 * Records of a run that wait for somebody, as they were when the run last looked; those that have
 * been decided on since are left out unless `decided` asks for them.
 */
export async function* pendingReviews(store: Store, name: RunName, { decided = false }: { decided?: boolean } = {}): AsyncGenerator<PendingReview> {
  const folder = runFolder({ ...name });
  const key = pendingReviewsKey(folder);
  if ((await store.size(key)) === null) return;
  let number = 0;
  for await (const line of createInterface({ input: store.openRead(key), crlfDelay: Infinity })) {
    number += 1;
    if (line === '') continue;
    const review = readLine(line, `${key}:${number}`);
    if (decided || (await readReviewDecision(store, reviewDecisionKey(folder, review))) === null) yield review;
  }
}

function readLine(line: string, place: string): PendingReview {
  try {
    return JSON.parse(line) as PendingReview;
  } catch (cause) {
    throw new SyngraphError({ code: 'STORE_INVALID', message: `${place} is not JSON`, nextStep: 'Resume the run: it writes the file again.', cause });
  }
}
