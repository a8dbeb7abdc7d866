import { END, type WalkTable } from '../pipeline/plan.ts';
import { START_NODE, type NodeResult } from '../pipeline/run-contract.ts';
import { extendHistory, uniteHistories, type History } from './walk-history.ts';

/**
 * Walks the records of one batch through the graph. Pure and deterministic: the batch workflow
 * asks which activities are due and reports their results. Records that stand at the same places
 * with the same past move together as a cohort, so the cost follows the number of distinct ways
 * through the graph and not the number of records.
 */
export interface Walker {
  /** Activities that can start now. Each is handed out once. */
  takeReady(): Chunk[];
  complete(sequence: number, result: NodeResult): void;
  /** The activity ended without a result because of cancellation: its records stay unfinished. */
  abandon(sequence: number): void;
  outcome(): WalkOutcome;
}

/** One node activity: the records that are due at a node, grouped by their past. */
export interface Chunk {
  node: number;
  sequence: number;
  groups: ChunkGroup[];
}

export interface ChunkGroup {
  records: number[];
  history: string[];
  visit: number;
}

export interface WalkOutcome {
  finished: { records: number[]; history: string[] }[];
  overVisited: { records: number[]; node: number; history: string[] }[];
  /** Result files with failures, in the order of their acceptance. */
  failedIn: string[];
}

interface Token {
  /** Index into the walk table, START_NODE or END. */
  node: number;
  history: History;
  /** Sequence of the activity that runs the node for this cohort right now. */
  running: number | null;
}

interface Cohort {
  records: number[];
  tokens: Token[];
  visits: ReadonlyMap<number, number>;
}

interface StartedActivity {
  node: number;
  /** Position of each record in the activity's results. */
  positions: Map<number, number>;
}

const FAILED = '!';
const UNFINISHED = '-';
const FIRST_TARGET = 0x30;

export function createWalker(walk: WalkTable, records: number): Walker {
  const reach = walk.reach.map((nodes) => new Set(nodes));
  const activities = new Map<number, StartedActivity>();
  const results = new Map<number, string>();
  const overVisited: WalkOutcome['overVisited'] = [];
  const failedIn: string[] = [];
  let cohorts: Cohort[] = [firstCohort(walk, records)];
  let nextSequence = 0;

  const resultNames = (history: History): string[] => history.map((entry) => results.get(entry.sequence) ?? '');

  function takeReady(): Chunk[] {
    const due = new Map<number, { cohort: Cohort; history: History }[]>();
    const walking: Cohort[] = [];
    for (const cohort of cohorts) {
      const nodes = readyNodes(cohort, reach);
      const exhausted = nodes.find((node) => node !== START_NODE && visitsOf(cohort, node) >= walk.maxVisits);
      if (exhausted !== undefined) {
        const past = uniteHistories(cohort.tokens.map((token) => token.history));
        overVisited.push({ records: cohort.records, node: exhausted, history: resultNames(past) });
        continue;
      }
      walking.push(cohort);
      for (const node of nodes) {
        const arrived = cohort.tokens.filter((token) => token.node === node && token.running === null);
        const entry = { cohort, history: uniteHistories(arrived.map((token) => token.history)) };
        const others = due.get(node);
        if (others === undefined) due.set(node, [entry]);
        else others.push(entry);
      }
    }
    cohorts = walking;
    return [...due].sort(([left], [right]) => left - right).map(([node, entries]) => startChunk(node, entries));
  }

  function startChunk(node: number, entries: { cohort: Cohort; history: History }[]): Chunk {
    const sequence = nextSequence++;
    const positions = new Map<number, number>();
    const groups = entries.map(({ cohort, history }): ChunkGroup => {
      const visit = visitsOf(cohort, node) + 1;
      cohort.visits = new Map(cohort.visits).set(node, visit);
      cohort.tokens = [
        ...cohort.tokens.filter((token) => token.node !== node || token.running !== null),
        { node, history, running: sequence },
      ];
      for (const record of cohort.records) positions.set(record, positions.size);
      return { records: cohort.records, history: resultNames(history), visit };
    });
    activities.set(sequence, { node, positions });
    return { node, sequence, groups };
  }

  function complete(sequence: number, result: NodeResult): void {
    const activity = activities.get(sequence);
    if (activity === undefined) throw new RangeError(`no activity ${sequence} is running`);
    activities.delete(sequence);
    results.set(sequence, result.result);
    if (result.routes?.includes(FAILED) === true) failedIn.push(result.result);
    cohorts = cohorts.flatMap((cohort) => {
      const token = cohort.tokens.find((candidate) => candidate.running === sequence);
      if (token === undefined) return [cohort];
      const history = extendHistory(token.history, { sequence, node: activity.node });
      return splitByRoute(cohort.records, activity, result).map(({ records, targets }) => ({
        records,
        visits: cohort.visits,
        tokens: [
          ...cohort.tokens.filter((candidate) => candidate !== token),
          ...targets.map((node): Token => ({ node, history, running: null })),
        ],
      }));
    });
  }

  function abandon(sequence: number): void {
    activities.delete(sequence);
    cohorts = cohorts.filter((cohort) => cohort.tokens.every((token) => token.running !== sequence));
  }

  function outcome(): WalkOutcome {
    const ended = cohorts.filter((cohort) => cohort.tokens.every((token) => token.node === END));
    const finished = ended.map((cohort) => ({
      records: cohort.records,
      history: resultNames(uniteHistories(cohort.tokens.map((token) => token.history))),
    }));
    return { finished, overVisited, failedIn };
  }

  return { takeReady, complete, abandon, outcome };
}

function firstCohort(walk: WalkTable, records: number): Cohort {
  const nodes = walk.start ?? [START_NODE];
  return {
    records: Array.from({ length: records }, (_, index) => index),
    tokens: nodes.map((node) => ({ node, history: [], running: null })),
    visits: new Map(),
  };
}

function visitsOf(cohort: Cohort, node: number): number {
  return cohort.visits.get(node) ?? 0;
}

/**
 * Nodes where a record of the cohort is due: no other active branch of it can still reach them,
 * back edges not counted (so a join waits for all of its branches). Should all branches wait on
 * each other, the first in plan order goes.
 */
function readyNodes(cohort: Cohort, reach: ReadonlySet<number>[]): number[] {
  const active = cohort.tokens.filter((token) => token.node !== END);
  const waiting = [...new Set(active.filter((token) => token.running === null).map((token) => token.node))];
  const ready = waiting.filter((node) =>
    active.every((other) => (other.node === node ? other.running === null : !canReach(reach, other.node, node))),
  );
  const nothingRuns = active.every((token) => token.running === null);
  return ready.length === 0 && nothingRuns && waiting.length > 0 ? [Math.min(...waiting)] : ready;
}

function canReach(reach: ReadonlySet<number>[], from: number, to: number): boolean {
  return from === START_NODE || reach[from]?.has(to) === true;
}

/** Splits records by where they go next; failed and unfinished records are in no part. */
function splitByRoute(
  records: number[],
  activity: StartedActivity,
  result: NodeResult,
): { records: number[]; targets: number[] }[] {
  const routes = result.routes;
  if (routes === undefined) return [{ records, targets: result.targets[0] ?? [END] }];
  const parts = new Map<string, number[]>();
  for (const record of records) {
    const route = routes.charAt(activity.positions.get(record) ?? -1);
    if (route === FAILED || route === UNFINISHED || route === '') continue;
    const part = parts.get(route);
    if (part === undefined) parts.set(route, [record]);
    else part.push(record);
  }
  return [...parts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([route, part]) => ({ records: part, targets: result.targets[route.charCodeAt(0) - FIRST_TARGET] ?? [END] }));
}
