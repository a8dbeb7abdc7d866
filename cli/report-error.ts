import { mkdir, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SyngraphError } from '../pipeline/errors.ts';
import type { CommandContext } from './context.ts';
import { exitCodeOfError } from './exit-code.ts';
import { renderError } from './render/error.ts';
import pc from 'picocolors';

/** Says what went wrong, on standard error, and on standard output as JSON where that was asked for. Resolves to the exit code. */
export async function reportError(
  thrown: unknown,
  { context, wantsJson }: { context: CommandContext | undefined; wantsJson: boolean },
): Promise<number> {
  context?.terminal.live([]);
  const { serverLost } = await import('./runs/server-lost.ts');
  const error = serverLost(thrown) ?? thrown;
  const colours = context?.terminal.colours ?? pc;
  const { redactSecrets } = await import('../activities/models/redact-secrets.ts');
  const redact = (text: string): string => redactSecrets(text, context?.environment ?? process.env);
  const isOurs = error instanceof SyngraphError && error.code !== 'INTERNAL';
  const logFile = isOurs || context === undefined ? null : await keepStack(error, context, redact);
  process.stderr.write(`${redact(renderError(error, { colours, logFile }))}\n`);
  const code = error instanceof SyngraphError ? error.code : 'INTERNAL';
  if (wantsJson) {
    const message = error instanceof Error ? error.message : String(error);
    const nextStep = error instanceof SyngraphError ? (error.nextStep ?? null) : null;
    process.stdout.write(`${redact(JSON.stringify({ error: { code, message, nextStep } }))}\n`);
  }
  return exitCodeOfError(error);
}

/** The stack is for us, not for the user: it goes into a file that the message names. */
async function keepStack(error: unknown, context: CommandContext, redact: (text: string) => string): Promise<string | null> {
  const folder = join(context.storeFolder, 'logs');
  const file = join(folder, 'faults.log');
  const stack = error instanceof Error ? `${error.stack ?? error.message}${error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : ''}` : String(error);
  try {
    await mkdir(folder, { recursive: true });
    await appendFile(file, redact(`${new Date().toISOString()} ${process.argv.slice(2).join(' ')}\n${stack}\n\n`));
    return file;
  } catch {
    // A store that cannot be written to may be the very fault; the message itself is still shown.
    return null;
  }
}
