import { SyngraphError } from '../../pipeline/errors.ts';
import { sourceChanged } from '../data/source-identity.ts';
import type { RunContext } from './run-context.ts';

/** A run never mixes two versions of its source. @throws SyngraphError SOURCE_CHANGED */
export async function assertSourceUnchanged(run: RunContext): Promise<void> {
  const { source } = run.plan;
  const identity = run.description.source;
  if (source === null || identity === null) return;
  if (!(await sourceChanged(source, identity))) return;
  throw new SyngraphError({
    code: 'SOURCE_CHANGED',
    message: `the source ${identity.name} is no longer what it was when the run was planned`,
    nextStep: 'Put the old content back and resume, or start a new run: answers for unchanged records are reused.',
    details: { source: identity.name },
  });
}
