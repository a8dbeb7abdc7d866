import type { CommandContext } from './context.ts';

/** What a command's module exports; its answer is the process's exit code. */
export interface CommandModule {
  execute(context: CommandContext, positionals: (string | undefined)[], options: Record<string, unknown>): Promise<number>;
}
