import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { assertStore } from './assert-store.ts';
import { createContext, type CommandContext } from './context.ts';
import { createEnvironment } from './environment-file.ts';
import { normaliseArguments } from './options/normalise-arguments.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

/**
 * Runs one command line and resolves to its exit code: 0 all done, 2 bad pipeline or usage, 3
 * finished with failed records, 1 otherwise. Never rejects.
 * @param commandLine what follows the program's name
 */
export async function runCli(commandLine: string[]): Promise<number> {
  let exitCode = 0;
  let context: CommandContext | undefined;
  const wantsJson = commandLine.includes('--json');
  try {
    const currentEnvironment = createEnvironment(process.cwd(), process.env);
    // Libraries that read the environment themselves (proxies) see the file's variables too.
    for (const [name, value] of Object.entries(currentEnvironment())) process.env[name] ??= value;
    const { words, notes } = normaliseArguments(commandLine);
    const program = createProgram(async (load, command) => {
      const options = command.opts<Record<string, unknown>>();
      context = createContext({ currentEnvironment, options });
      for (const note of notes) context.terminal.note(note);
      await assertStore(context, command.name());
      const module = await load();
      exitCode = await module.execute(context, positionalsOf(command), options);
    });
    if (words.length === 0) {
      process.stdout.write(program.helpInformation());
      return 0;
    }
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version come as errors of code 0; what is wrong has been written by commander itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error, { context, wantsJson });
  }
}

function positionalsOf(command: Command): (string | undefined)[] {
  return command.processedArgs as (string | undefined)[];
}
