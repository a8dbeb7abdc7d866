import { resolve } from 'node:path';
import { writeWholeText } from '../../activities/data/write-whole.ts';
import { createRedactor } from '../../activities/models/redact-secrets.ts';
import { redactValue } from '../../activities/run/report-failed-record.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { RunMetadata } from '../../pipeline/metrics/run-metadata.ts';
import { compareRows, type RowComparison } from '../compare/compare-rows.ts';
import { figuresOfQuality, figuresOfRuns } from '../compare/figures-of-runs.ts';
import { qualityOfRun } from '../compare/quality-of-run.ts';
import { runRows } from '../compare/run-rows.ts';
import type { CommandContext } from '../context.ts';
import { comparisonLines, comparisonPage } from '../render/comparison.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { readMetadata } from '../runs/read-metadata.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';

/** `syngraph compare RUN RUN`: figures of two ended runs, and rows of the same source records, side by side. */
export async function execute(context: CommandContext, asked: (string | undefined)[], options: { examples?: number; html?: string }): Promise<number> {
  const { store, terminal, isJson, workingDirectory, environment } = context;
  const names = await listRunNames(store);
  const first = chooseRun(names, asked[0] ?? '');
  const second = chooseRun(names, asked[1] ?? '');
  const [firstMetadata, secondMetadata] = [await metadataOf(context, first), await metadataOf(context, second)];
  const rows = await compareRows(() => runRows(store, first), () => runRows(store, second), options.examples ?? 3);
  const figures = [...figuresOfRuns(firstMetadata, secondMetadata), ...figuresOfQuality(await qualityOfRun(store, first), await qualityOfRun(store, second))];
  const redact = createRedactor(environment);
  const shown: RowComparison = {
    ...rows,
    examples: rows.examples.map(({ id, differing }) => ({ id, differing: differing.map(({ key, values: [left, right] }) => ({ key, values: [left === undefined ? left : redactValue(left, redact), right === undefined ? right : redactValue(right, redact)] })) })),
  };
  const compared = { runs: [workflowIdOf(first), workflowIdOf(second)] as [string, string], figures, rows: shown };
  const page = options.html === undefined ? null : resolve(workingDirectory, options.html);
  if (page !== null) await writeWholeText(page, comparisonPage(compared));
  if (isJson) terminal.result(JSON.stringify({ ...compared, html: page }));
  else {
    terminal.result(comparisonLines(compared).join('\n'));
    if (page !== null) terminal.tell(`\nAs a page: ${page}`);
  }
  return 0;
}

async function metadataOf({ store }: CommandContext, name: RunName): Promise<RunMetadata> {
  const metadata = await readMetadata(store, name);
  if (metadata !== null) return metadata;
  throw new SyngraphError({ code: 'USAGE', message: `${workflowIdOf(name)} has not ended yet: what it was is written at its end`, nextStep: `syngraph status ${name.run} shows how it stands.` });
}
