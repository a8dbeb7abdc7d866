import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { commandOf } from '../support/command-of.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Variables that would lead a run to somebody's real endpoint, server or store. */
const FOREIGN = /^(OPENAI_|AZURE_OPENAI_|SYGRA_|SYNGRAPH_|TEMPORAL_|HF_)/;

export interface CommandResult {
  exitCode: number | null;
  standardOutput: string;
  standardError: string;
}

/** The real command in a process of its own, from the repository's root. */
export function runSyngraph(words: string[], environment: Record<string, string> = {}): Promise<CommandResult> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  const child = spawn(process.execPath, [...commandOf(), ...words], {
    cwd: ROOT,
    env: { ...inherited, TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let standardOutput = '';
  let standardError = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (standardOutput += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (standardError += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, standardOutput, standardError }));
  });
}
