import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkScript } from '../../fake-model/check-script.ts';
import type { FakeModelScript } from '../../fake-model/script.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';

interface FakeModelFlags {
  port?: number;
  host?: string;
  latency?: string;
  failureRate?: number;
  seed?: number;
  maxInFlight?: number;
  requireKey?: string;
  answer?: string;
  script?: string;
}

/** `syngraph fake-model`: serves until Ctrl-C. */
export async function execute(context: CommandContext, _positionals: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const flags = options as FakeModelFlags;
  const { startFakeModel } = await import('../../fake-model/start-fake-model.ts');
  const script = await readScript(context, flags);
  const port = flags.port === undefined ? {} : { port: flags.port };
  const server = await startFakeModel({ ...port, ...(flags.host === undefined ? {} : { host: flags.host }), script }).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw cause;
    throw new SyngraphError({ code: 'USAGE', message: `cannot listen on ${flags.host ?? ''}:${flags.port ?? 0}: ${(cause as Error).message}`, nextStep: 'Choose another --port, or leave it out for any free one.', cause });
  });
  if (context.isJson) context.terminal.result(JSON.stringify({ url: server.url, port: server.port, pid: process.pid }));
  else {
    context.terminal.tell(server.url);
    context.terminal.note(`Use it by SYGRA_<MODEL>_URL=${server.url}. Ctrl-C ends it.`);
  }
  await new Promise<void>((resolveStop) => {
    process.once('SIGINT', resolveStop);
    process.once('SIGTERM', resolveStop);
  });
  await server.close();
  return 0;
}

/** The file's script, overlaid with the flags. */
async function readScript({ workingDirectory }: CommandContext, flags: FakeModelFlags): Promise<FakeModelScript> {
  const script: FakeModelScript = flags.script === undefined ? {} : await readFileScript(resolve(workingDirectory, flags.script));
  if (flags.latency !== undefined) script.latencyMilliseconds = parseLatency(flags.latency);
  if (flags.failureRate !== undefined) script.failureRate = flags.failureRate;
  if (flags.seed !== undefined) script.seed = flags.seed;
  if (flags.maxInFlight !== undefined) script.maxInFlight = flags.maxInFlight;
  if (flags.requireKey !== undefined) script.requireKey = flags.requireKey;
  if (flags.answer !== undefined) script.answer = { ...script.answer, text: flags.answer };
  return script;
}

async function readFileScript(file: string): Promise<FakeModelScript> {
  try {
    return checkScript(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new SyngraphError({ code: 'USAGE', message: `the script ${file} cannot be used: ${(cause as Error).message}`, nextStep: 'Correct the file and start again.', cause });
  }
}

function parseLatency(text: string): number | [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match !== null && to >= from && to <= 86_400_000) return match[2] === undefined ? from : [from, to];
  throw new SyngraphError({ code: 'USAGE', message: `${JSON.stringify(text)} is no latency`, nextStep: 'Write milliseconds: --latency 100, or a range: --latency 50-200.' });
}
