import { createHash } from 'node:crypto';
import type { SourceRecord } from '../../activities/nodes/batch-data.ts';
import { emptyResult, formatResult, parseResult, type NodeResultFile } from '../../activities/nodes/node-result.ts';
import { recordState, type RecordState } from '../../activities/nodes/record-state.ts';
import { encodeRoutes } from '../../activities/nodes/encode-routes.ts';
import type { RoutedOutcome } from '../../activities/nodes/node-work.ts';
import { decodeRecords, encodeRecords } from '../../pipeline/encode-records.ts';
import { END, type WalkTable } from '../../pipeline/plan.ts';
import type { WalkSnapshot } from '../../pipeline/run-contract.ts';
import { emptyStatistics } from '../../pipeline/run-statistics.ts';
import { enterBatch, enterSubgraph } from '../../workflows/walk-entry.ts';
import { createWalker, type Chunk, type Walker, type WalkOutcome } from '../../workflows/walker.ts';
import { encodeGroup } from '../../workflows/walk-graph.ts';

/** What a node of a simulated graph does with a record, decided by the record's id and visit alone. */
export type Behaviour =
  | { kind: 'go'; targets: number[] }
  | { kind: 'split'; children: number; targets: number[] }
  | { kind: 'fail' }
  | { kind: 'filter' };

export interface SimulatedGraph {
  walk: WalkTable;
  behave(node: number, record: { id: string; visit: number | string }): Behaviour;
}

/** How a walk of a whole batch ended, in terms that do not depend on positions or on names of results. */
export interface SimulatedOutcome {
  /** Ids of records that came to the end, with what each node has written of them. */
  finished: Map<string, string>;
  failed: string[];
  filtered: number;
  spawned: number;
  phases: number;
}

/** Which of the activities that are under way ends next. */
export type Pick = (open: number) => number;

/** Takes a batch through a graph as the workflow and the activities do, with result files, phases and subgraphs, in memory. */
export function simulateWalk(graph: SimulatedGraph, records: number, pick: Pick): SimulatedOutcome {
  const { walk } = graph;
  const sources = Array.from({ length: records }, (_, ordinal): SourceRecord => ({ id: `r${ordinal}`, ordinal, row: {}, unreadable: null }));
  const files = new Map<string, NodeResultFile>();
  const owners = new Map<number, string>();
  const subgraphs = new Map(walk.subgraphs?.map((entry) => [entry.node, entry]));

  const recordAt = (position: number, history: readonly string[]): RecordState =>
    recordState(sources, position, history.map((name) => files.get(name)!));

  function own(position: number, id: string): void {
    const known = owners.get(position);
    if (known !== undefined && known !== id) throw new Error(`position ${position} belongs to ${known} and to ${id}`);
    owners.set(position, id);
  }

  function runNode(walker: Walker, { node, sequence, groups, firstChild, endChild }: Chunk, prefix: string): void {
    const file = emptyResult();
    const outcomes: RoutedOutcome[] = [];
    let child = firstChild;
    for (const { records: encoded, history, visit } of groups.map(encodeGroup)) {
      for (const position of decodeRecords(encoded)) {
        const { source, path, state } = recordAt(position, history);
        for (const [key, value] of Object.entries(state)) if (!isOwn(source.id, value as string)) throw new Error(`${source.id} has ${key} of another record`);
        const behaviour = graph.behave(node, { id: source.id, visit });
        const change = (id: string) => ({ set: { [`n${node}`]: `${id}@${visit}` } });
        if (behaviour.kind === 'filter') outcomes.push({ kind: 'filtered' });
        else if (behaviour.kind === 'fail') {
          const failure = { node: String(node), code: 'X', message: source.id, attempts: 1, prompt: null, answer: null };
          file.failures.set(position, { ...failure, child: { id: source.id, ordinal: 0, path } });
          outcomes.push({ kind: 'failed', failure });
        } else if (behaviour.kind === 'go') {
          file.changes.set(position, change(source.id));
          outcomes.push({ kind: 'routed', targets: behaviour.targets });
        } else {
          const { children, targets } = behaviour;
          for (let number = 0; number < children; number += 1, child += 1) {
            if (child >= endChild) throw new Error(`node ${node} uses a position that was not set aside`);
            own(child, `${source.id}:${number}`);
            file.children.set(child, { parent: position, number });
            file.changes.set(child, change(`${source.id}:${number}`));
          }
          outcomes.push({ kind: 'split', children: Array.from({ length: children }, () => ({ kind: 'routed', targets })) });
        }
      }
    }
    const name = `${prefix}${sequence}`;
    files.set(name, parseResult(formatResult(file)));
    walker.complete(sequence, { result: name, ...encodeRoutes(outcomes), statistics: emptyStatistics() });
  }

  function runSubgraph(walker: Walker, chunk: Chunk, outer: string): void {
    const { node, sequence, groups, firstChild, endChild, isBeside } = chunk;
    const prefix = `${outer}${sequence}.`;
    const inner = createWalker(walk, enterSubgraph(walk, { node, groups: groups.map(encodeGroup), firstChild }), { endPosition: endChild, isBeside });
    advance(inner, prefix);
    const { finished, ...outcome } = inner.outcome();
    if (outcome.parkedAt.length > 0 || inner.takeReady().length > 0) throw new Error('a subgraph must end');
    const targets = subgraphs.get(node)?.next ?? [END];
    const parts = finished.map(({ records: out, history, origin }) => ({ group: origin, records: out, results: history.slice(groups[origin]!.history.length), targets }));
    walker.completeSubgraph(sequence, { ...outcome, parts, nextPosition: inner.snapshot().nextPosition });
  }

  function advance(walker: Walker, prefix: string): void {
    const open: Chunk[] = [];
    for (;;) {
      open.push(...walker.takeReady());
      const [chunk] = open.splice(pick(open.length), 1);
      if (chunk === undefined) return;
      if (subgraphs.has(chunk.node)) runSubgraph(walker, chunk, prefix);
      else runNode(walker, chunk, prefix);
    }
  }

  let snapshot: WalkSnapshot = enterBatch(walk, records);
  let released: number[] = [];
  for (let phases = 1; ; phases += 1) {
    const walker = createWalker(walk, JSON.parse(JSON.stringify(snapshot)) as WalkSnapshot, { released });
    advance(walker, '');
    const outcome = walker.outcome();
    snapshot = walker.snapshot();
    released = outcome.parkedAt;
    if (released.length === 0) return { ...summarise(outcome), phases };
  }

  /** As `finishBatch` counts. */
  function summarise({ finished, overVisited, failedIn, filtered, filteredBeside, spawned }: WalkOutcome): Omit<SimulatedOutcome, 'phases'> {
    const failed = new Map<number, string>();
    for (const name of failedIn) for (const [position, { message }] of files.get(name)!.failures) failed.set(position, message);
    for (const group of overVisited) for (const position of decodeRecords(group.records)) failed.set(position, recordAt(position, group.history).source.id);
    const ended = new Map<string, string>();
    for (const group of finished) {
      for (const position of decodeRecords(encodeRecords(group.records))) {
        if (failed.has(position)) continue;
        const { source, state } = recordAt(position, group.history);
        if (ended.has(source.id)) throw new Error(`${source.id} ended twice`);
        ended.set(source.id, JSON.stringify(Object.entries(state).sort()));
      }
    }
    const beside = filteredBeside.filter((position) => !failed.has(position)).length;
    return { finished: new Map([...ended].sort()), failed: [...failed.values()].sort(), filtered: filtered + beside, spawned };
  }
}

function isOwn(id: string, value: string): boolean {
  const writer = value.slice(0, value.lastIndexOf('@'));
  return id === writer || id.startsWith(`${writer}:`);
}

/** A number from 0 to below `below` that the parts decide. */
export function chance(below: number, ...parts: unknown[]): number {
  return createHash('sha1').update(JSON.stringify(parts)).digest().readUInt32BE(0) % below;
}
