/** How an instruction is made harder: what the writer is asked to do to it. */
export const DEPTH_STRATEGIES = {
  add_constraints: 'Add one constraint or requirement that the answer has to meet and that it did not have to meet before.',
  deepen: 'Ask about the same matter more deeply: its causes, its limits, or what follows from it.',
  concretise: 'Replace general notions by specific ones: name the case, the place, the figures or the people it is about.',
  increase_reasoning:
    'Change it so that it can no longer be answered in one or two steps, and ask for the steps of the reasoning to be shown.',
  complicate_input:
    'Give it material that the answer has to work with, such as a small table, a piece of code, a formula or a record of data, written out in full.',
} as const;

export type DepthStrategy = keyof typeof DEPTH_STRATEGIES;
export type Strategy = DepthStrategy | 'breadth';

const DEPTH = Object.keys(DEPTH_STRATEGIES) as DepthStrategy[];

/** What `algorithm` may say, and the strategies that it draws from. */
const ALGORITHMS = new Map<string, readonly Strategy[]>([
  ['random', [...DEPTH, 'breadth']],
  ['depth', DEPTH],
  ...[...DEPTH, 'breadth' as const].map((strategy): [string, Strategy[]] => [strategy, [strategy]]),
]);

/** @throws Error where the algorithm is unknown; the message names those there are */
export function strategiesOf(algorithm: unknown): readonly Strategy[] {
  const strategies = typeof algorithm === 'string' ? ALGORITHMS.get(algorithm) : undefined;
  if (strategies !== undefined) return strategies;
  throw new Error(`algorithm cannot be ${JSON.stringify(algorithm).slice(0, 60)}; it is one of ${[...ALGORITHMS.keys()].join(', ')}`);
}
