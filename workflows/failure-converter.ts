import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Workflows know nothing of their worker's environment: worker/workflow-bundle.ts puts
 * `failures-are-encoded` here in the bundle of a worker that has encryption keys.
 */
const MODE: string = 'failures-are-readable';

/** Turns what workflows throw into Temporal's failures, in its sandbox. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: MODE === 'failures-are-encoded' });
