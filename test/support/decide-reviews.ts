import { pendingReviewsKey, reviewDecisionKey, type PendingReview, type ReviewDecision } from '../../activities/run/review-files.ts';
import type { Engine } from './engine.ts';

/** Waits until so many records wait for somebody, and lists them. */
export async function pendingReviews(engine: Engine, workflowId: string, wanted: number): Promise<PendingReview[]> {
  for (;;) {
    const content = await engine.store.read(pendingReviewsKey(`runs/${workflowId}`));
    const lines = content?.toString('utf8').split('\n').filter((line) => line !== '') ?? [];
    if (lines.length === wanted) return lines.map((line) => JSON.parse(line) as PendingReview);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Decides as the command line does: a file for each record, then a signal. */
export async function decideReviews(
  engine: Engine,
  workflowId: string,
  decisions: (PendingReview & Pick<ReviewDecision, 'decision'> & Partial<ReviewDecision>)[],
): Promise<void> {
  for (const { decision, edit = null, ...place } of decisions) {
    const file: ReviewDecision = { decision, edit, comment: null, reviewer: 'test', at: '2026-01-01T00:00:00Z' };
    await engine.store.write(reviewDecisionKey(`runs/${workflowId}`, place), JSON.stringify(file));
  }
  await engine.client.workflow.getHandle(workflowId).signal('reviewed', { node: 'check', decided: decisions.length });
}
