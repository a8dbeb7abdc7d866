import { createHash } from 'node:crypto';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';

/** One record that stands at a human_review node. */
export interface ReviewPlace {
  node: string;
  visit: number | string;
  /** The record's. */
  id: string;
}

/** A line of `reviews/pending.jsonl`: a record that waits for somebody. */
export interface PendingReview extends ReviewPlace {
  ordinal: number;
  /** The part of its state that is shown. */
  show: JsonObject;
  instructions: string | null;
}

/** What somebody has decided. */
export interface ReviewDecision {
  decision: 'approve' | 'reject' | 'edit';
  /** New values of keys, with `edit`. */
  edit: JsonObject | null;
  comment: string | null;
  reviewer: string | null;
  /** ISO 8601. */
  at: string;
}

export function pendingReviewsKey(runFolder: string): string {
  return `${runFolder}/reviews/pending.jsonl`;
}

export function reviewDecisionKey(runFolder: string, { node, visit, id }: ReviewPlace): string {
  // Ids may be long, and hold anything.
  const name = createHash('sha256').update(id).digest('hex').slice(0, 24);
  return `${runFolder}/reviews/${encodeURIComponent(node)}/${encodeURIComponent(visit)}/${name}.json`;
}

/** null where nobody has decided yet. @throws SyngraphError STORE_INVALID for a file that holds no decision */
export async function readReviewDecision(store: Store, key: string): Promise<ReviewDecision | null> {
  const value = await readJson<unknown>(store, key);
  if (value === null) return null;
  if (isDecision(value)) return value;
  throw new SyngraphError({
    code: 'STORE_INVALID',
    message: `${key} in the store ${store.location} holds no decision {decision: approve | reject | edit, edit, comment, reviewer, at}`,
    nextStep: 'Decide on the record again with syngraph review.',
  });
}

function isDecision(value: unknown): value is ReviewDecision {
  if (!isJsonObject(value)) return false;
  const { decision, edit = null, comment = null, reviewer = null } = value;
  const isText = (text: unknown): boolean => text === null || typeof text === 'string';
  return (decision === 'approve' || decision === 'reject' || (decision === 'edit' && edit !== null)) && (edit === null || isJsonObject(edit)) && isText(comment) && isText(reviewer);
}
