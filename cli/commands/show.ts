import { createRedactor } from '../../activities/models/redact-secrets.ts';
import { loadPlan } from '../../activities/planning/load-plan.ts';
import { retriesOf } from '../../activities/run/retry/retries-of-run.ts';
import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { renderShownRecord } from '../render/shown-record.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { workflowIdOf } from '../runs/run-name.ts';
import { findRecord } from '../show/find-record.ts';
import { traceRecord, type ShownRecord } from '../show/trace-record.ts';

/** `syngraph show RUN ID`: every step of one record, with what models were asked and have answered. */
export async function execute(context: CommandContext, [asked, id]: (string | undefined)[]): Promise<number> {
  const { store, terminal, isJson, environment } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const own = await readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`);
  const runs = [...(own === null ? [] : [own]), ...(await retriesOf(store, name))];
  const shown: ShownRecord[] = [];
  for (const { reference } of runs) {
    const found = await findRecord(store, runFolder(reference), id ?? '');
    if (found === null) continue;
    const plan = await loadPlan(store, reference.planHash);
    shown.push(await traceRecord({ store, plan, run: workflowIdOf(reference), found, asked: id ?? '' }));
  }
  if (shown.length === 0) {
    throw new SyngraphError({
      code: 'USAGE',
      message: `the run ${workflowIdOf(name)} has no record ${JSON.stringify(id ?? '')}`,
      nextStep: 'Name it by its id, as failed records and provenance say it, or by # and its position from 0, e.g. "#12".',
    });
  }
  const redact = createRedactor(environment);
  if (isJson) terminal.result(redact(JSON.stringify(shown)));
  else terminal.result(redact(shown.flatMap((record) => renderShownRecord(record, terminal.colours)).join('\n')));
  return 0;
}
