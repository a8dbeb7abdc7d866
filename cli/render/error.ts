import { SyngraphError } from '../../pipeline/errors.ts';
import type { Colours } from '../terminal.ts';

/** An error as a person reads it: what, then what to do. Never a stack trace. */
export function renderError(error: unknown, { colours, logFile }: { colours: Colours; logFile: string | null }): string {
  if (error instanceof SyngraphError && error.code !== 'INTERNAL') {
    const head = `${colours.red('error')} ${error.message} ${colours.dim(`[${error.code}]`)}`;
    return error.nextStep === undefined ? head : `${head}\n  ${error.nextStep}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return [
    `${colours.red('error')} ${message}`,
    '  This is a fault in Syngraph or its surroundings, not in your pipeline.',
    ...(logFile === null ? [] : [`  Where it happened is written in ${logFile}; please add it to your report.`]),
  ].join('\n');
}
