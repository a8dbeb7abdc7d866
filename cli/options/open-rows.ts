import { openSource } from '../../activities/data/open-source.ts';
import type { RecordSource } from '../../activities/data/record-source.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { SingleSourcePlan } from '../../pipeline/plan.ts';

/** The rows of a source that a command names, streaming: it has no transformations, and so no functions. */
export function openRows(source: SingleSourcePlan, environment: NodeJS.ProcessEnv): RecordSource {
  return openSource({ source, functions: { filter: refuseFunction, transform: refuseFunction }, environment, signal: new AbortController().signal });
}

const refuseFunction = async (): Promise<never> => {
  throw new SyngraphError({ code: 'INTERNAL', message: 'a source that a command names has no functions' });
};
