import { decodeRecords, encodeRecords } from '../pipeline/encode-records.ts';
import { END, type WalkTable } from '../pipeline/plan.ts';
import type { NodeResult, OverVisited, RecordGroup, WalkSnapshot } from '../pipeline/run-contract.ts';
import { FAILED_ROUTE } from '../pipeline/walk-contract.ts';
import { arrivedAt, fromSnapshot, hasEnded, isInPieces, isPseudoNode, toSnapshot, visitsOf, type Cohort, type Token } from './cohort.ts';
import { createPositionSpace } from './position-space.ts';
import { createReadiness } from './readiness.ts';
import { splitResult } from './split-result.ts';
import { extendHistory, historyResults, pastOf } from '../pipeline/walk-past.ts';

/**
 * Walks the records of one batch, or of a subgraph, through a graph. Pure and deterministic: the
 * workflow asks which activities are due and reports their results. Records that stand at the same
 * places with the same past move together as a cohort, so the cost follows the number of distinct
 * ways through the graph and not the number of records.
 */
export interface Walker {
  /** Activities and subgraphs that can start now. Each is handed out once. */
  takeReady(): Chunk[];
  complete(sequence: number, result: NodeResult): void;
  /** Records have come out of a subgraph. */
  completeSubgraph(sequence: number, outcome: SubgraphOutcome): void;
  /** The activity ended without a result because of cancellation: its records stay unfinished. */
  abandon(sequence: number): void;
  outcome(): WalkOutcome;
  /** Where everything stands, to go on later from there. */
  snapshot(): WalkSnapshot;
}

/** One node activity: the records that are due at a node, grouped by their past. */
export interface Chunk {
  node: number;
  sequence: number;
  groups: ChunkGroup[];
  /** Position for the first record that the node brings into being. */
  firstChild: number;
  /** Behind the last position that it may give to one. */
  endChild: number;
  /** Other branches of these records are under way. */
  isBeside: boolean;
}

export interface ChunkGroup {
  records: number[];
  history: string[];
  visit: RecordGroup['visit'];
}

export interface SubgraphOutcome {
  parts: { group: number; records: number[]; results: string[]; targets: number[] }[];
  overVisited: OverVisited[];
  failedIn: string[];
  filtered: number;
  filteredBeside: number[];
  spawned: number;
  /** Position that no record of the subgraph has, nor any above. */
  nextPosition: number;
}

export interface WalkOutcome {
  finished: { records: number[]; history: string[]; origin: number }[];
  overVisited: OverVisited[];
  /** Result files with failures, in the order of their acceptance. */
  failedIn: string[];
  /** Records that a node has taken out while they were in one piece. */
  filtered: number;
  /** Records that a node has taken out of one of several branches, ascending: in another they may have failed. */
  filteredBeside: number[];
  /** Records that have come into being, beyond those that went in. */
  spawned: number;
  /** Nodes where records wait for others or for a human, ascending. */
  parkedAt: number[];
}

interface StartedActivity {
  node: number;
  groups: number[][];
  firstChild: number;
  endChild: number;
}

export interface WalkerOptions {
  /** Nodes where records that have waited may go on. Default: none. */
  released?: readonly number[] | undefined;
  /** Behind the last position that the walk may give to records. */
  endPosition?: number | undefined;
  /** Of a subgraph: other branches of its records are under way outside. */
  isBeside?: boolean | undefined;
}

export function createWalker(walk: WalkTable, entry: WalkSnapshot, options: WalkerOptions = {}): Walker {
  const { released = [], endPosition, isBeside: isAllBeside = false } = options;
  const positions = createPositionSpace(entry.nextPosition, endPosition);
  const readyNodes = createReadiness(walk);
  const activities = new Map<number, StartedActivity>();
  const subgraphs = new Set(walk.subgraphs?.map((subgraph) => subgraph.node));
  const releasedNodes = new Set(released);
  const overVisited = [...entry.overVisited];
  const failedIn = [...entry.failedIn];
  const filteredBeside = new Set(decodeRecords(entry.filteredBeside ?? ''));
  let { filtered, spawned, nextSequence } = entry;
  let cohorts = entry.cohorts.map((cohort) => fromSnapshot(cohort, releasedNodes));

  function takeReady(): Chunk[] {
    failOverVisited();
    const due = new Map<number, Cohort[]>();
    for (const { cohort, nodes } of readyNodes(cohorts)) {
      for (const node of nodes) {
        const others = due.get(node);
        if (others === undefined) due.set(node, [cohort]);
        else others.push(cohort);
      }
    }
    return [...due].sort(([left], [right]) => left - right).map(([node, arrived]) => startChunk(node, arrived));
  }

  function failOverVisited(): void {
    cohorts = cohorts.filter((cohort) => {
      const waiting = cohort.tokens.filter((token) => token.running === null && token.node !== END && !isPseudoNode(token.node));
      const exhausted = waiting.find((token) => visitsOf(cohort, token.node) >= walk.maxVisits);
      if (exhausted === undefined) return true;
      overVisited.push({ records: encodeRecords(cohort.records), node: exhausted.node, history: historyResults(pastOf(cohort.tokens)) });
      return false;
    });
  }

  function startChunk(node: number, arrived: Cohort[]): Chunk {
    const sequence = nextSequence++;
    const firstChild = positions.next;
    const isBeside = isAllBeside || arrived.some(isInPieces);
    const groups = arrived.map((cohort, group): ChunkGroup => {
      const visit = visitsOf(cohort, node) + 1;
      const history = pastOf(cohort.tokens.filter((token) => token.node === node && token.running === null));
      cohort.visits = new Map(cohort.visits).set(node, visit);
      cohort.tokens = [
        ...cohort.tokens.filter((token) => token.node !== node || token.running !== null),
        { node, history, running: sequence, group, released: false },
      ];
      return { records: cohort.records, history: historyResults(history), visit: cohort.outer === '' ? visit : `${cohort.outer}${visit}` };
    });
    if (walk.splitting?.includes(node) === true) {
      const count = groups.reduce((sum, group) => sum + group.records.length, 0);
      positions.setAside(count, { name: walk.nodes[node] ?? String(node), isSubgraph: subgraphs.has(node) });
    }
    const endChild = positions.next;
    activities.set(sequence, { node, groups: groups.map((group) => group.records), firstChild, endChild });
    return { node, sequence, groups, firstChild, endChild, isBeside };
  }

  function take(sequence: number): StartedActivity {
    const activity = activities.get(sequence);
    if (activity === undefined) throw new RangeError(`no activity ${sequence} is running`);
    activities.delete(sequence);
    return activity;
  }

  function complete(sequence: number, result: NodeResult): void {
    const activity = take(sequence);
    if (result.routes?.includes(FAILED_ROUTE) === true) failedIn.push(result.result);
    const split = splitResult(result, activity);
    noteFiltered(sequence, activity, split.filtered);
    spawned += split.spawned;
    const born = (result.children ?? []).reduce((sum, children) => sum + Math.max(0, children), 0);
    positions.giveBack(activity.endChild, activity.firstChild + born);
    moveOn({ sequence, activity, parts: split.parts.map((part) => ({ ...part, results: [result.result] })) });
  }

  /** A record in several branches may be taken out of more than one, and fail in another: such ones are counted at the end. */
  function noteFiltered(sequence: number, { firstChild }: StartedActivity, records: number[]): void {
    if (records.length === 0) return;
    const whole = new Set<number>();
    for (const cohort of cohorts) {
      if (isAllBeside || isInPieces(cohort) || !cohort.tokens.some((token) => token.running === sequence)) continue;
      for (const record of cohort.records) whole.add(record);
    }
    for (const record of records) {
      if (record >= firstChild || whole.has(record)) filtered += 1;
      else filteredBeside.add(record);
    }
  }

  function completeSubgraph(sequence: number, outcome: SubgraphOutcome): void {
    const activity = take(sequence);
    overVisited.push(...outcome.overVisited);
    failedIn.push(...outcome.failedIn);
    filtered += outcome.filtered;
    for (const record of outcome.filteredBeside) filteredBeside.add(record);
    spawned += outcome.spawned;
    positions.giveBack(activity.endChild, outcome.nextPosition);
    moveOn({ sequence, activity, parts: outcome.parts });
  }

  /** Replaces each cohort that was at the activity by what has become of its records. */
  function moveOn({ sequence, activity, parts }: { sequence: number; activity: StartedActivity; parts: SubgraphOutcome['parts'] }): void {
    const { node, firstChild } = activity;
    cohorts = cohorts.flatMap((cohort) => {
      const token = cohort.tokens.find((candidate) => candidate.running === sequence);
      if (token === undefined) return [cohort];
      const own = parts.filter((part) => part.group === token.group);
      return own.flatMap((part) => {
        const records = recordsOf(cohort, part.records, firstChild);
        const history = extendHistory(token.history, { sequence, node, results: part.results });
        const tokens: Token[] = [
          ...cohort.tokens.filter((candidate) => candidate !== token),
          ...part.targets.map((target) => arrivedAt(target, history)),
        ];
        return records.length === 0 ? [] : [{ ...cohort, records, tokens }];
      });
    });
  }

  function abandon(sequence: number): void {
    take(sequence);
    cohorts = cohorts.filter((cohort) => cohort.tokens.every((token) => token.running !== sequence));
  }

  function outcome(): WalkOutcome {
    const ended = cohorts.filter(hasEnded);
    const finished = ended.map((cohort) => ({
      records: cohort.records,
      history: historyResults(pastOf(cohort.tokens)),
      origin: cohort.origin,
    }));
    const parked = cohorts.flatMap((cohort) => cohort.tokens).filter((token) => walk.parking?.includes(token.node) === true);
    const parkedAt = [...new Set(parked.map((token) => token.node))].sort((left, right) => left - right);
    return { finished, overVisited, failedIn, filtered, filteredBeside: ascending(filteredBeside), spawned, parkedAt };
  }

  function snapshot(): WalkSnapshot {
    const beside = filteredBeside.size === 0 ? {} : { filteredBeside: encodeRecords([...filteredBeside]) };
    return { cohorts: cohorts.map(toSnapshot), nextSequence, nextPosition: positions.next, overVisited, failedIn, filtered, ...beside, spawned };
  }

  return { takeReady, complete, completeSubgraph, abandon, outcome, snapshot };
}

function ascending(records: ReadonlySet<number>): number[] {
  return [...records].sort((left, right) => left - right);
}

/**
 * Which of a part's records belong to a cohort. A parallel branch may have split the cohort since
 * it arrived; nodes that bring records into being have none beside them, so these are all its own.
 */
function recordsOf(cohort: Cohort, part: number[], firstChild: number): number[] {
  if (cohort.tokens.length === 1) return part;
  const known = new Set(cohort.records);
  return part.filter((record) => record >= firstChild || known.has(record));
}
