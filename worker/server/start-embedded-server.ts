import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import { processStartTime } from '../../activities/cache/process-identity.ts';
import { choosePorts, type PortPair } from './choose-ports.ts';
import { readEmbeddedSettings, type EmbeddedSettings } from './embedded-settings.ts';
import { withFileLock } from '../../activities/cache/file-lock.ts';
import { cacheFolder } from '../../activities/cache/cache-folder.ts';
import { findTemporalCli } from './find-temporal-cli.ts';
import type { ServerState } from './server-state.ts';
import { tellToEnd, waitForEnd } from './stop-process.ts';
import { waitForPort } from './wait-for-port.ts';

export interface StartServerOptions {
  storeFolder: string;
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
  persistent: boolean;
  /** The process has been launched; it takes ~0.3 s to accept connections, time for other work. */
  onLaunched: (state: ServerState) => Promise<void>;
  /** Rejects when what accepts connections is not a server that works: the start is then tried again on other ports. */
  check: (state: ServerState) => Promise<void>;
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
      const started = await launchChecked({ binary, settings, ports, ...options });
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

type Launched = { ok: true; state: ServerState } | { ok: false; error: unknown };

async function launchChecked(options: LaunchOptions): Promise<Launched> {
  const launched = await launch(options);
  if (!launched.ok) return launched;
  try {
    await options.check(launched.state);
    return launched;
  } catch (error) {
    tellToEnd(launched.state);
    await waitForEnd(launched.state);
    return { ok: false, error };
  }
}

async function launch(options: LaunchOptions): Promise<Launched> {
  const { binary, settings, ports, storeFolder } = options;
  const logPath = join(storeFolder, settings.logFile);
  await mkdir(dirname(logPath), { recursive: true });
  const log = await open(logPath, 'a');
  const logStart = (await log.stat()).size;
  const child = spawn(binary, serverArguments(options), { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: storeFolder });
  let spawnError: Error | undefined;
  child.once('error', (error) => (spawnError = error));
  try {
    const state = stateOf(child, options);
    if (state !== null) await options.onLaunched(state);
    const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
    const isReady = await waitForPort(ports.port, () => spawnError !== undefined || hasEnded(child) || Date.now() > deadline);
    // Whoever answers, it is not our server if that has ended.
    if (state !== null && isReady && !hasEnded(child)) {
      child.unref();
      return { ok: true, state };
    }
    if (!hasEnded(child)) child.kill('SIGKILL');
    return { ok: false, error: await startFailure({ logPath, logStart, binary, cause: spawnError }) };
  } finally {
    await log.close();
  }
}

/** null for a process that could not be spawned or has already ended. */
function stateOf({ pid }: ChildProcess, { ports, settings, persistent }: LaunchOptions): ServerState | null {
  const startTime = pid === undefined ? null : processStartTime(pid);
  if (pid === undefined || startTime === null) return null;
  return {
    pid,
    startTime,
    address: `127.0.0.1:${ports.port}`,
    uiUrl: `http://127.0.0.1:${ports.uiPort}`,
    namespace: settings.namespace,
    persistent,
    phase: 'starting',
  };
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
