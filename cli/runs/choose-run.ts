import { SyngraphError } from '../../pipeline/errors.ts';
import { nearestName } from '../../pipeline/nearest-name.ts';
import { retryOfRunId } from '../../pipeline/run-contract.ts';
import { workflowIdOf, type RunName } from './run-name.ts';

const MOST_LISTED = 10;

/** Begins the names of pipelines that tag what another one has written. */
const TAGGING = 'quality-';

/**
 * The run that somebody means by `<run>`, `<pipeline>/<run>` the beginning of either, or the last part
 * of a run's name, when only one run is named so.
 * @throws SyngraphError RUN_NOT_FOUND with the candidates
 */
export function chooseRun(runs: readonly RunName[], asked: string): RunName {
  const exact = withoutTagging(runs.filter((run) => workflowIdOf(run) === asked || run.run === asked));
  // Whoever means a retry says so.
  const isMeant = (run: RunName): boolean => asked.includes('~') || retryOfRunId(run.run) === null;
  const near = (run: RunName): boolean => workflowIdOf(run).startsWith(asked) || run.run.startsWith(asked) || run.run.endsWith(`-${asked}`);
  const found = exact.length > 0 ? exact : withoutTagging(runs.filter((run) => isMeant(run) && near(run)));
  if (found.length === 1 && asked !== '') return found[0]!;
  const names = (found.length > 0 ? found : runs).map(workflowIdOf).sort().reverse();
  const nearest = nearestName(asked, [...names, ...runs.map((run) => run.run)]);
  const listed = names.slice(0, MOST_LISTED).join(', ') + (names.length > MOST_LISTED ? `, … (${names.length} in all)` : '');
  throw new SyngraphError({
    code: 'RUN_NOT_FOUND',
    message: found.length > 1 ? `${JSON.stringify(asked)} may be any of ${found.length} runs: ${listed}` : notFound(asked, { listed, nearest }),
    nextStep: found.length > 1 ? 'Write more of its name.' : 'syngraph list shows the runs of this store; --store names another store.',
  });
}

/** What tags the output of a run is called after it, and shares its id: whoever means that says so. */
function withoutTagging(found: RunName[]): RunName[] {
  return found.filter((run) => !found.some((other) => other.run === run.run && `${TAGGING}${other.pipeline}` === run.pipeline));
}

function notFound(asked: string, { listed, nearest }: { listed: string; nearest: string | null }): string {
  const meant = nearest === null ? '' : `; did you mean ${nearest}?`;
  return `there is no run ${JSON.stringify(asked)}${meant}${listed === '' ? '; the store has no runs' : ` (there are ${listed})`}`;
}
