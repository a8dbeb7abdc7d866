import { readdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { makeFolder } from '../../activities/store/make-folder.ts';
import { pipelineJsonSchema } from '../../pipeline/json-schema.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { taskFiles } from '../init/templates.ts';

/** `syngraph init`: a new task folder that runs as it is. Never writes into a folder that has something in it. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[]): Promise<number> {
  const folder = resolve(context.workingDirectory, positional ?? 'my_task');
  const inside = relative(context.workingDirectory, folder) || '.';
  const shown = inside.startsWith('..') ? folder : inside;
  await makeFolder(folder).catch((cause: Error) => {
    throw new SyngraphError({ code: 'USAGE', message: `the folder ${shown} cannot be made: ${cause.message}`, nextStep: 'Name a folder that you may write to.', cause });
  });
  const present = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  if (present.length > 0) {
    throw new SyngraphError({
      code: 'USAGE',
      message: `${shown} is not empty: it holds ${present.slice(0, 5).join(', ')}${present.length > 5 ? ', …' : ''}`,
      nextStep: 'Name another folder, e.g. syngraph init tasks/my_task.',
    });
  }
  const files = { ...taskFiles(basename(folder)), 'pipeline.schema.json': `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n` };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { flag: 'wx' });
  const { terminal, isJson } = context;
  if (isJson) terminal.result(JSON.stringify({ folder, files: Object.keys(files) }));
  else {
    terminal.tell(`Made ${shown} with ${Object.keys(files).join(', ')}.`);
    terminal.tell(`syngraph run ${shown} runs it.`);
  }
  return 0;
}
