import { join } from 'node:path';
import type { CommandContext } from '../../cli/context.ts';
import { createProgram } from '../../cli/program.ts';
import { createTerminal } from '../../cli/terminal.ts';
import { createFolderStore } from '../../activities/store/folder-store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';

export interface InProcessResult {
  exitCode: number;
  /** What was asked for, and what was said along the way. */
  output: string;
  error: SyngraphError | null;
}

/** Runs a command that needs no server, without a process of its own: flags are read as they are there. */
export async function runInProcess(folder: string, words: string[]): Promise<InProcessResult> {
  const said: string[] = [];
  let exitCode = -1;
  const program = createProgram(async (load, command) => {
    const options = command.opts<Record<string, unknown>>();
    const say = (text: string): void => void said.push(text);
    const terminal = { ...createTerminal({ isJson: false, environment: { NO_COLOR: '1', CI: '1' } }), result: say, tell: say, warn: say, note: say };
    const storeFolder = join(folder, '.syngraph');
    const context: CommandContext = { workingDirectory: folder, environment: {}, currentEnvironment: () => ({}), storeFolder, store: createFolderStore(storeFolder), terminal, isJson: options.json === true };
    exitCode = await (await load()).execute(context, command.processedArgs as (string | undefined)[], options);
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return { exitCode, output: said.join('\n'), error: null };
  } catch (error) {
    if (error instanceof SyngraphError) return { exitCode: 1, output: said.join('\n'), error };
    throw error;
  }
}
