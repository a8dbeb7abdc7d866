import type { Plan } from '../../../pipeline/plan.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { RunDescription } from '../run-files.ts';

/** Why a failed record of a pipeline cannot be tried again without the others; null: it can. */
export function whyNotAlone({ nodes, walk }: Plan): string | null {
  const set = nodes.find((node) => node.kind === 'set');
  if (set !== undefined) return `${set.name} compares records with each other, so that one more could change what became of those in the output`;
  const [splitting] = walk.splitting ?? [];
  return splitting === undefined ? null : `${nodes[splitting]?.name ?? 'a node'} makes several records of one, whose rows have no places of their own in the output`;
}

/** Runs all records of a run anew: what was answered is reused, so that models are asked only for what failed. */
export function againCommand({ task, seed, numRecords, startIndex }: Pick<RunDescription, 'task' | 'seed' | 'numRecords' | 'startIndex'>): string {
  const flags = [...(seed === 0 ? [] : [`--seed ${seed}`]), ...(startIndex === 0 ? [] : [`--start-index ${startIndex}`]), ...(numRecords === null ? [] : [`--num-records ${numRecords}`])];
  return ['syngraph run', task, ...flags].join(' ');
}

/** @throws SyngraphError USAGE where what becomes of a record depends on others, or one becomes several */
export function assertRecordsStandAlone(plan: Plan, original: Pick<RunDescription, 'reference' | 'task' | 'seed' | 'numRecords' | 'startIndex'>): void {
  const reason = whyNotAlone(plan);
  if (reason === null) return;
  const { pipeline, run } = original.reference;
  throw new SyngraphError({
    code: 'USAGE',
    message: `the failed records of ${pipeline}/${run} cannot be tried again by themselves: ${reason}`,
    nextStep: `Run all of them anew: ${againCommand(original)}. Answers that were paid for are reused, so models are asked only for what failed.`,
  });
}
