import {
  CancellationScope,
  ParentClosePolicy,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { encodeRecords } from '../pipeline/encode-records.ts';
import { beating, quick } from './activity-proxies.ts';
import {
  START_NODE,
  WORKFLOW_TYPES,
  type BatchInput,
  type BatchResult,
  type FailedRecordReport,
  type FinishedBatch,
  type NodeResult,
  type RecordGroup,
} from '../pipeline/run-contract.ts';
import { addStatistics, emptyStatistics, type NodeStatistics } from '../pipeline/run-statistics.ts';
import { failureTypeOf, pauseCauseOf } from './activity-failures.ts';
import { haltSignal, proceedSignal } from './signals.ts';
import { createWalker, type Chunk, type Walker } from './walker.ts';

/** Takes one batch of records through the graph: one activity per node and wave. */
export async function batch(input: BatchInput): Promise<BatchResult> {
  let epoch = input.epoch;
  setHandler(proceedSignal, (next) => {
    epoch = Math.max(epoch, next ?? epoch + 1);
  });
  const walker = createWalker(input.walk, input.records);
  const nodes = input.walk.nodes.map(emptyStatistics);
  const name = (node: number): string => (node === START_NODE ? 'START' : (input.walk.nodes[node] ?? String(node)));

  async function runChunk(chunk: Chunk): Promise<NodeResult | null> {
    for (;;) {
      try {
        return await beating.runNode.executeWithOptions({ summary: name(chunk.node) }, [
          {
            run: input.run, range: input.range, batch: input.batch, node: chunk.node, sequence: chunk.sequence,
            groups: chunk.groups.map(encodeGroup), epoch,
          },
        ]);
      } catch (error) {
        const cause = pauseCauseOf(error);
        // A worker that leaves while the run stops hands back what is cancelled anyway.
        const left = CancellationScope.current().consideredCancelled && failureTypeOf(error) === 'WorkerShutdown';
        if (isCancellation(error) || left) return null;
        if (cause === null) throw error;
        const halted = epoch;
        await getExternalWorkflowHandle(input.root).signal(haltSignal, { cause, epoch: halted });
        await condition(() => epoch > halted);
      }
    }
  }

  try {
    await walkAll(walker, async (chunk) => {
      const result = await runChunk(chunk);
      if (result === null) return walker.abandon(chunk.sequence);
      if (chunk.node !== START_NODE) {
        nodes[chunk.node] = addStatistics(nodes[chunk.node] ?? emptyStatistics(), result.statistics);
      }
      walker.complete(chunk.sequence, result);
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  // What is finished is written even when the run is cancelled: no answered call is lost.
  return CancellationScope.nonCancellable(() => finish(input, walker, nodes));
}

/** Keeps every activity that is due running until none is left, or cancellation stops new ones. */
async function walkAll(walker: Walker, run: (chunk: Chunk) => Promise<void>): Promise<void> {
  const open = new Set<Promise<void>>();
  for (;;) {
    const chunks = CancellationScope.current().consideredCancelled ? [] : walker.takeReady();
    for (const chunk of chunks) {
      const running: Promise<void> = run(chunk).finally(() => open.delete(running));
      open.add(running);
    }
    if (open.size === 0) return;
    await Promise.race(open);
  }
}

async function finish(input: BatchInput, walker: Walker, nodes: NodeStatistics[]): Promise<BatchResult> {
  const outcome = walker.outcome();
  const { finishBatch } = input.quickFinish ? quick : beating;
  const finished = await finishBatch.executeWithOptions({ summary: 'write part' }, [
    {
      run: input.run, range: input.range, batch: input.batch, records: input.records,
      finished: outcome.finished.map((group) => encodeGroup({ ...group, visit: 1 })),
      overVisited: outcome.overVisited.map((group) => ({ ...group, records: encodeRecords(group.records) })),
      failedIn: outcome.failedIn,
      recordWorkflows: input.recordWorkflows,
      nodes,
    },
  ]);
  await openFailedRecords(input, finished);
  return { batch: input.batch, part: finished.part, counts: finished.counts, nodes };
}

/** One closed-as-failed workflow per failed record, for people who look in the Temporal UI. */
async function openFailedRecords(input: BatchInput, finished: FinishedBatch): Promise<void> {
  await Promise.all(
    finished.failed.map((failed) =>
      startChild(WORKFLOW_TYPES.record, {
        workflowId: `${input.root}/record/${recordName(failed)}`,
        args: [{ run: input.run, failed }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${failed.node}: ${failed.code}`,
        searchAttributes: {
          ...workflowInfo().searchAttributes,
          SyngraphStatus: ['failed'],
          SyngraphNode: [failed.node],
          SyngraphError: [failed.code],
        },
      }),
    ),
  );
}

/** Ids come from the data: one that would be long or hard to type in a workflow id is replaced by the ordinal. */
function recordName(failed: FailedRecordReport): string {
  return /^[\w.:-]{1,80}$/.test(failed.id) ? failed.id : String(failed.ordinal);
}

function encodeGroup(group: { records: number[]; history: string[]; visit: number }): RecordGroup {
  return { records: encodeRecords(group.records), history: group.history, visit: group.visit };
}
