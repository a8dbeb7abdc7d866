import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import { processStartTime } from '../process-identity.ts';
import { choosePorts, type PortPair } from './choose-ports.ts';
import { readEmbeddedSettings, type EmbeddedSettings } from './embedded-settings.ts';
import { withFileLock } from './file-lock.ts';
import { cacheFolder, findTemporalCli } from './find-temporal-cli.ts';
import type { ServerState } from './server-state.ts';
import { waitForPort } from './wait-for-port.ts';

export interface StartServerOptions {
  storeFolder: string;
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
  persistent: boolean;
  /** The process has been launched and takes ~0.3 s to accept connections: time for other work. */
  onLaunched?: () => void;
}

const START_ATTEMPTS = 3;
const START_TIMEOUT_MILLISECONDS = 30_000;

/**
 * Starts `temporal server start-dev` as a process of its own on loopback, with its database in the
 * store, and waits until it accepts connections. It outlives this process.
 */
export async function startEmbeddedServer(options: StartServerOptions): Promise<ServerState> {
  const binary = await findTemporalCli(options);
  const settings = await readEmbeddedSettings();
  const wanted = wantedPorts(settings, options.environment);
  // Machine-wide per user, so that two stores do not pick the same free ports.
  return withFileLock(join(cacheFolder(options.environment), 'ports.lock'), async () => {
    for (let attempt = 1; ; attempt++) {
      const ports = await choosePorts(wanted);
      const started = await launch({ binary, settings, ports, ...options });
      if (started.ok) return started.state;
      if (attempt === START_ATTEMPTS) throw started.error;
    }
  });
}

function wantedPorts(settings: EmbeddedSettings, environment: NodeJS.ProcessEnv): PortPair {
  const port = Number(environment.SYNGRAPH_TEMPORAL_PORT || settings.port);
  if (!Number.isInteger(port) || port < 1 || port > 64_000) {
    throw new SyngraphError({ code: 'USAGE', message: `SYNGRAPH_TEMPORAL_PORT is ${environment.SYNGRAPH_TEMPORAL_PORT}; a port from 1 to 64000 is wanted` });
  }
  return { port, uiPort: port + settings.uiPort - settings.port };
}

interface LaunchOptions extends StartServerOptions {
  binary: string;
  settings: EmbeddedSettings;
  ports: PortPair;
}

async function launch(options: LaunchOptions): Promise<{ ok: true; state: ServerState } | { ok: false; error: SyngraphError }> {
  const { binary, settings, ports, storeFolder } = options;
  const logPath = join(storeFolder, settings.logFile);
  await mkdir(dirname(logPath), { recursive: true });
  const log = await open(logPath, 'a');
  const logStart = (await log.stat()).size;
  const child = spawn(binary, serverArguments(options), { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: storeFolder });
  let spawnError: Error | undefined;
  child.once('error', (error) => (spawnError = error));
  options.onLaunched?.();
  try {
    const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
    const isReady = await waitForPort(ports.port, () => spawnError !== undefined || hasEnded(child) || Date.now() > deadline);
    const startTime = child.pid === undefined ? null : processStartTime(child.pid);
    // Whoever answers, it is not our server if that has ended.
    if (!isReady || hasEnded(child) || startTime === null || child.pid === undefined) {
      if (!hasEnded(child)) child.kill('SIGKILL');
      return { ok: false, error: await startFailure({ logPath, logStart, binary, cause: spawnError }) };
    }
    child.unref();
    return {
      ok: true,
      state: {
        pid: child.pid,
        startTime,
        address: `127.0.0.1:${ports.port}`,
        uiUrl: `http://127.0.0.1:${ports.uiPort}`,
        namespace: settings.namespace,
        persistent: options.persistent,
        stopping: false,
      },
    };
  } finally {
    await log.close();
  }
}

function serverArguments({ settings, ports, storeFolder }: LaunchOptions): string[] {
  const list = (flag: string, values: Record<string, unknown>, show: (value: unknown) => string): string[] =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${show(value)}`]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-disable-news-fetch', '--log-level', settings.logLevel],
    ...['--port', String(ports.port), '--ui-port', String(ports.uiPort)],
    ...['--db-filename', join(storeFolder, settings.databaseFile), '--namespace', settings.namespace],
    ...list('--sqlite-pragma', settings.sqlitePragmas, String),
    ...list('--search-attribute', settings.searchAttributes, String),
    ...list('--dynamic-config-value', settings.dynamicConfig, (value) => JSON.stringify(value)),
  ];
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function startFailure(options: { logPath: string; logStart: number; binary: string; cause: Error | undefined }): Promise<SyngraphError> {
  const text = (await readFile(options.logPath)).subarray(options.logStart).toString('utf8').trim();
  const tail = text.split('\n').slice(-5).join('\n');
  return new SyngraphError({
    code: 'SERVER_UNAVAILABLE',
    message: `the Temporal server did not start (${options.binary}): ${options.cause?.message ?? (tail || 'it ended without a word')}`,
    nextStep: `Its log is ${options.logPath}.`,
    cause: options.cause,
  });
}
