import { condition, workflowInfo } from '@temporalio/workflow';
import type { ProviderBatchInput } from '../pipeline/run-contract.ts';
import { beating } from './activity-proxies.ts';
import type { RunState } from './run-state.ts';
import { withPauses } from './with-pauses.ts';

/**
 * Waits, on durable timers, until a provider's batches have answered what the records at a node ask.
 * @returns false where the next execution is to go on waiting, or the run stops
 */
export async function awaitProviderBatch(state: RunState, { summary, input }: { summary: string; input: ProviderBatchInput }): Promise<boolean> {
  for (;;) {
    const progress = await withPauses(state, () => beating.advanceProviderBatch.executeWithOptions({ summary }, [{ ...input, epoch: state.epoch }]));
    if (progress === null || state.stop !== null) return false;
    if (progress.again === null) return true;
    await condition(() => state.stop !== null, progress.again);
    if (state.stop !== null || workflowInfo().continueAsNewSuggested) return false;
  }
}
