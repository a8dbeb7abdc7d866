import { extname } from 'node:path';
import { exportRun } from '../../activities/run/export-run.ts';
import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { joinLocation, resolveLocation } from '../../activities/store/locations.ts';
import { readJson } from '../../activities/store/read-json.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { FileFormat } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { formatCount } from '../render/format.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { workflowIdOf } from '../runs/run-name.ts';

const FORMATS: readonly FileFormat[] = ['jsonl', 'json', 'csv', 'parquet'];

/** `syngraph export RUN`: what a run has so far, without a server, and without disturbing it. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[], options: { output?: string }): Promise<number> {
  const { store, terminal, isJson, workingDirectory } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const description = await readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`);
  if (description === null) throw new SyngraphError({ code: 'RUN_NOT_FOUND', message: `the run ${workflowIdOf(name)} was stopped before it had begun`, nextStep: 'There is nothing to export.' });
  const path = options.output === undefined ? joinLocation(resolveLocation(workingDirectory, 'output'), `${name.pipeline}-${name.run}.so-far.jsonl`) : resolveLocation(workingDirectory, options.output);
  const exported = await exportRun(store, { description, output: { path, format: formatOf(path) } });
  const { rows, failed, batches } = exported;
  if (isJson) terminal.result(JSON.stringify({ runId: name.run, pipeline: name.pipeline, output: path, ...exported }));
  else {
    terminal.tell(`${formatCount(rows)} rows of ${workflowIdOf(name)} so far, from ${formatCount(batches.finished)} of ${formatCount(batches.staged)} batches${failed === 0 ? '' : `; ${formatCount(failed)} records have failed`}: ${path}`);
    if (batches.finished < batches.staged) terminal.tell('Records are there once their batch is finished; a smaller --batch-size brings them sooner.');
  }
  return 0;
}

function formatOf(path: string): FileFormat {
  const format = FORMATS.find((candidate) => `.${candidate}` === extname(path).toLowerCase());
  if (format !== undefined) return format;
  throw new SyngraphError({ code: 'USAGE', message: `cannot tell the format of the output ${path}`, nextStep: `End its name in one of ${FORMATS.map((known) => `.${known}`).join(', ')}.` });
}
