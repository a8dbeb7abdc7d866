import {
  CancellationScope,
  ChildWorkflowCancellationType,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { decodeRecords, encodeRecords } from '../pipeline/encode-records.ts';
import type { WalkTable } from '../pipeline/plan.ts';
import {
  START_NODE,
  WORKFLOW_TASK_TIMEOUT,
  WORKFLOW_TYPES,
  subgraphOfStart,
  type NodeResult,
  type PauseCause,
  type RecordGroup,
  type RunNodeInput,
  type RunReference,
  type SubgraphInput,
  type SubgraphResult,
} from '../pipeline/run-contract.ts';
import { emptyStatistics, type NodeStatistics } from '../pipeline/run-statistics.ts';
import { failureTypeOf, pauseCauseOf } from './activity-failures.ts';
import { beating } from './activity-proxies.ts';
import type { Halting } from './halting.ts';
import { haltSignal, proceedSignal } from './signals.ts';
import { splitResult } from './split-result.ts';
import type { Chunk, SubgraphOutcome, Walker } from './walker.ts';

export interface GraphWalk {
  run: RunReference;
  root: string;
  walk: WalkTable;
  range: number;
  batch: number;
  phase: number;
  halting: Halting;
  /** Goes before the names of results. */
  prefix: string;
  /** Told what each node did, by index. */
  note: (node: number, statistics: NodeStatistics) => void;
  /** Told which results were accepted: each says what its activity did. */
  accept: (results: string[]) => void;
}

/**
 * Keeps every activity and subgraph that is due running until none is left, or cancellation stops
 * new ones. Pauses when an activity asks for it, and goes on when it is told to.
 */
export async function walkGraph(graph: GraphWalk, walker: Walker): Promise<void> {
  const { halting } = graph;
  const children = new Set<string>();
  halting.onProceed(async (epoch) => {
    await Promise.all([...children].map((workflowId) => proceed(workflowId, epoch)));
  });

  function note(node: number, statistics: NodeStatistics): void {
    if (node >= 0) graph.note(node, statistics);
  }

  let isStopReported = false;

  /** The run opens nothing new then; this walk goes on with what needs no calls. */
  async function reportStop(cause: PauseCause): Promise<void> {
    if (isStopReported) return;
    isStopReported = true;
    await getExternalWorkflowHandle(graph.root).signal(haltSignal, { cause, epoch: halting.epoch });
  }

  /** null when the run is cancelled. */
  async function runActivity(input: Pick<RunNodeInput, 'node' | 'sequence' | 'prefix' | 'groups' | 'firstChild'>): Promise<NodeResult | null> {
    const { run, range, batch, phase } = graph;
    for (;;) {
      try {
        const result = await beating.runNode.executeWithOptions({ summary: nameOf(graph.walk, input.node) }, [{ run, range, batch, phase, epoch: halting.epoch, ...input }]);
        if (result.stop !== undefined) await reportStop(result.stop);
        return result;
      } catch (error) {
        const cause = pauseCauseOf(error);
        // A worker that leaves while the run stops hands back what is cancelled anyway.
        const left = CancellationScope.current().consideredCancelled && failureTypeOf(error) === 'WorkerShutdown';
        if (isCancellation(error) || left) return null;
        if (cause === null) throw error;
        await halting.halt(cause);
      }
    }
  }

  async function runNode({ node, sequence, groups, firstChild }: Chunk): Promise<void> {
    const prefix = graph.prefix === '' ? {} : { prefix: graph.prefix };
    const result = await runActivity({ node, sequence, ...prefix, groups: groups.map(encodeGroup), firstChild });
    if (result === null) return walker.abandon(sequence);
    note(node, result.statistics);
    graph.accept([result.result]);
    walker.complete(sequence, result);
  }

  async function runSubgraph({ node, sequence, groups, firstChild, endChild, isBeside }: Chunk): Promise<void> {
    const { run, root, walk, range, batch, phase } = graph;
    const prefix = `${graph.prefix}${String(sequence).padStart(4, '0')}.`;
    const workflowId = `${workflowInfo().workflowId}/${nameOf(walk, node)}-${sequence}`;
    children.add(workflowId);
    const child = executeChild<(input: SubgraphInput) => Promise<SubgraphResult>>(WORKFLOW_TYPES.subgraph, {
      workflowId,
      args: [{ run, root, walk, range, batch, node, groups: groups.map(encodeGroup), firstChild, endChild, isBeside, prefix, phase, epoch: halting.epoch }],
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      searchAttributes: workflowInfo().searchAttributes,
      staticSummary: nameOf(walk, node),
    });
    const inner = await child.catch(nullIfCancelled).finally(() => children.delete(workflowId));
    if (inner === null) return walker.abandon(sequence);
    for (const [index, statistics] of inner.nodes) note(index, statistics);
    graph.accept(inner.accepted ?? []);
    walker.completeSubgraph(sequence, await leaveSubgraph({ node, groups, prefix, inner }));
  }

  /** Where the records that came out of a subgraph go on to: its own edges say, by an activity where they have conditions. */
  async function leaveSubgraph(out: { node: number; groups: Chunk['groups']; prefix: string; inner: SubgraphResult }): Promise<SubgraphOutcome> {
    const { node, groups, prefix, inner } = out;
    const { overVisited, failedIn, filtered, filteredBeside = '', spawned, nextPosition, finished } = inner;
    const outcome: SubgraphOutcome = {
      parts: [], overVisited, failedIn: [...failedIn], filtered, filteredBeside: decodeRecords(filteredBeside), spawned, nextPosition,
    };
    const came = finished.map(({ group, records, results }) => ({ group, records: decodeRecords(records), results }));
    const next = graph.walk.subgraphs?.find((entry) => entry.node === node)?.next ?? null;
    if (next !== null || came.length === 0) {
      note(node, { ...emptyStatistics(), records: came.reduce((sum, { records }) => sum + records.length, 0) });
      outcome.parts = came.map((part) => ({ ...part, targets: next ?? [] }));
      return outcome;
    }
    const asked = finished.map(({ group, records, results }): RecordGroup => {
      const { history, visit } = groups[group] ?? { history: [], visit: 1 };
      return { records, history: [...history, ...results], visit };
    });
    const result = await runActivity({ node, sequence: inner.nextSequence, prefix, groups: asked, firstChild: 0 });
    if (result === null) return outcome;
    note(node, result.statistics);
    graph.accept([result.result]);
    if (result.statistics.failed > 0) outcome.failedIn.push(result.result);
    const split = splitResult(result, { groups: came.map(({ records }) => records), firstChild: 0 });
    outcome.parts = split.parts.map(({ group: index, records, targets }) => {
      const part = came[index];
      return { group: part?.group ?? 0, results: part?.results ?? [], records, targets };
    });
    return outcome;
  }

  const subgraphs = new Set(graph.walk.subgraphs?.map((entry) => entry.node));
  const open = new Set<Promise<void>>();
  for (;;) {
    const chunks = CancellationScope.current().consideredCancelled ? [] : walker.takeReady();
    for (const chunk of chunks) {
      const running: Promise<void> = (subgraphs.has(chunk.node) ? runSubgraph(chunk) : runNode(chunk)).finally(() => open.delete(running));
      open.add(running);
    }
    if (open.size === 0) return;
    await Promise.race(open);
  }
}

function nameOf(walk: WalkTable, node: number): string {
  const outer = subgraphOfStart(node);
  if (outer !== null) return `${nameOf(walk, outer)}/START`;
  return node === START_NODE ? 'START' : (walk.nodes[node] ?? String(node));
}

/** A subgraph that was cancelled before it began hands over nothing; any other one what it has finished. */
function nullIfCancelled(error: unknown): null {
  if (!isCancellation(error)) throw error;
  return null;
}

async function proceed(workflowId: string, epoch: number): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(proceedSignal, epoch);
  } catch {
    // The subgraph closed in the meantime: it waits for nothing.
  }
}

export function encodeGroup(group: { records: number[]; history: string[]; visit: RecordGroup['visit'] }): RecordGroup {
  return { records: encodeRecords(group.records), history: group.history, visit: group.visit };
}
