import { openSource } from '../../activities/data/open-source.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { Plan } from '../../pipeline/plan.ts';

/**
 * Records of a pipeline's source, by reading it. 10 where there is none, as a run has.
 * @throws SyngraphError USAGE where the task's own code must run to tell
 */
export async function countRecords(plan: Plan, { environment, startIndex }: { environment: NodeJS.ProcessEnv; startIndex: number }): Promise<number> {
  const { source } = plan;
  if (plan.target !== null) return plan.target.maxCandidates;
  if (source === null) return 10;
  const refuse = (): never => {
    throw new SyngraphError({ code: 'USAGE', message: 'how many records the source has depends on the task’s own transformations', nextStep: 'Say how many the run will have: --num-records.' });
  };
  let count = 0;
  const rows = openSource({ source, functions: { filter: async () => refuse(), transform: async () => refuse() }, environment, signal: new AbortController().signal });
  for await (const _ of rows) count += 1;
  return Math.max(0, count - startIndex);
}
