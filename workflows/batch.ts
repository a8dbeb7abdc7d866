import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  isCancellation,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { beating, quick } from './activity-proxies.ts';
import {
  WORKFLOW_TYPES,
  type BatchInput,
  type BatchOutcome,
  type BatchResult,
  type FailedRecordReport,
  type FinishedBatch,
} from '../pipeline/run-contract.ts';
import { addStatistics, emptyStatistics, type NodeStatistics } from '../pipeline/run-statistics.ts';
import { encodeRecords } from '../pipeline/encode-records.ts';
import { createHalting, type Halting } from './halting.ts';
import { enterBatch } from './walk-entry.ts';
import { encodeGroup, walkGraph } from './walk-graph.ts';
import { createWalker, type Walker } from './walker.ts';

/** Takes one batch of records through the graph: one activity per node and wave. */
export async function batch(input: BatchInput): Promise<BatchOutcome> {
  const { run, range, batch: number, phase = 0 } = input;
  const halting = createHalting(input.root, input.epoch);
  const parked = phase === 0 ? null : await quick.loadParked({ run, range, batch: number, phase: phase - 1 });
  const walker = createWalker(input.walk, parked?.walk ?? enterBatch(input.walk, input.records), { released: input.released });
  const nodes = parked?.nodes ?? input.walk.nodes.map(emptyStatistics);
  const note = (node: number, statistics: NodeStatistics): void => {
    nodes[node] = addStatistics(nodes[node] ?? emptyStatistics(), statistics);
  };
  const accepted = parked?.accepted ?? [];
  try {
    await walkGraph({ ...input, phase, halting, prefix: '', note, accept: (results) => accepted.push(...results) }, walker);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  const { parkedAt } = walker.outcome();
  if (parkedAt.length > 0 && !CancellationScope.current().consideredCancelled) {
    await halting.untilDone(() => quick.parkBatch({ run, range, batch: number, phase, parkedAt, parked: { walk: walker.snapshot(), nodes, accepted } }));
    return { batch: number, part: null, parkedAt };
  }
  // What is finished is written even when the run is cancelled: no answered call is lost.
  return CancellationScope.nonCancellable(() => finish(input, { walker, nodes, accepted, halting }));
}

async function finish(input: BatchInput, { walker, nodes, accepted, halting }: { walker: Walker; nodes: NodeStatistics[]; accepted: string[]; halting: Halting }): Promise<BatchResult> {
  const { finished, overVisited, failedIn, filtered, filteredBeside, spawned } = walker.outcome();
  const { finishBatch } = input.quickFinish ? quick : beating;
  const write = (): Promise<FinishedBatch> => finishBatch.executeWithOptions({ summary: 'write part' }, [
    {
      run: input.run, range: input.range, batch: input.batch, records: input.records,
      finished: finished.map((group) => encodeGroup({ ...group, visit: 1 })),
      overVisited, failedIn, filtered, spawned,
      ...(filteredBeside.length === 0 ? {} : { filteredBeside: encodeRecords(filteredBeside) }),
      recordWorkflows: input.recordWorkflows,
      nodes,
      accepted,
    },
  ]);
  const written = await halting.untilDone(write);
  await openFailedRecords(input, written);
  return { batch: input.batch, part: written.part, counts: written.counts, nodes };
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
      }).catch(ignoreIfThere),
    ),
  );
}

/** A record that failed in an earlier execution too, or whose id is like another one's, is shown already. */
function ignoreIfThere(error: unknown): void {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
}

/**
 * Ids come from the data: one that would be long or hard to type in a workflow id is replaced by the
 * ordinal, and what tells the children of one record apart. No id looks like that.
 */
function recordName({ id, ordinal }: FailedRecordReport): string {
  return /^[\w.:-]{1,80}$/.test(id) ? id : `#${ordinal}${/(?::\d+)*$/.exec(id)?.[0] ?? ''}`;
}
