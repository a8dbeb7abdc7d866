import { resolve } from 'node:path';
import { writeWholeText } from '../../activities/data/write-whole.ts';
import type { CommandContext } from '../context.ts';
import { reportLines } from '../render/report/report-lines.ts';
import { reportPage } from '../render/report/report-page.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { readMetadata } from '../runs/read-metadata.ts';
import { workflowIdOf } from '../runs/run-name.ts';

/** `syngraph report RUN`: what an ended run was and did, on the terminal, as JSON, or as a page. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[], options: { html?: string }): Promise<number> {
  const { store, terminal, isJson, workingDirectory } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const metadata = await readMetadata(store, name);
  if (metadata === null) {
    if (isJson) terminal.result(JSON.stringify(null));
    else terminal.tell(`${workflowIdOf(name)} has no metadata yet: they are written when a run ends. syngraph status ${name.run} shows how it stands.`);
    return 1;
  }
  const page = options.html === undefined ? null : resolve(workingDirectory, options.html);
  if (page !== null) await writeWholeText(page, reportPage(metadata));
  if (isJson) terminal.result(JSON.stringify(metadata));
  else {
    terminal.result(reportLines(metadata, terminal.colours).join('\n'));
    if (page !== null) terminal.tell(`\nAs a page: ${page}`);
  }
  return 0;
}
