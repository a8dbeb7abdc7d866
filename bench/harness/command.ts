import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { commandOf, processTree, usageOf } from './processes.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface CommandResult {
  exitCode: number | null;
  signal: string | null;
  seconds: number;
  stdout: string;
  stderr: string;
  /** CPU and highest memory of our own processes: the Temporal server is left out. */
  cpuSeconds: number;
  peakMegabytes: number;
  serverCpuSeconds: number;
}

export interface RunningCommand {
  child: ChildProcess;
  startedAt: number;
  done: Promise<CommandResult>;
  /** kill -9 of the command and every process of ours below it. */
  kill(): void;
}

export interface CommandOptions {
  folder: string;
  environment?: NodeJS.ProcessEnv;
  nodeOptions?: string[];
}

/** Starts `syngraph …` as users do, from the built files. */
export function startCommand(arguments_: string[], options: CommandOptions): RunningCommand {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...profileOptions(), ...(options.nodeOptions ?? []), CLI, ...arguments_], {
    cwd: options.folder,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const usage = watchUsage(child.pid ?? 0);
  const done = new Promise<CommandResult>((resolve) => {
    child.on('close', (exitCode, signal) => {
      resolve({ exitCode, signal, seconds: (performance.now() - startedAt) / 1000, ...output, ...usage.stop() });
    });
  });
  return { child, startedAt, done, kill: () => killOurs(child.pid ?? 0) };
}

export function runCommand(arguments_: string[], options: CommandOptions): Promise<CommandResult> {
  return startCommand(arguments_, options).done;
}

/** `BENCH_PROFILE=folder` has every measured command write CPU profiles there. */
function profileOptions(): string[] {
  const folder = process.env.BENCH_PROFILE ?? '';
  return folder === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

const isServer = (pid: number): boolean => /\bserver start-dev\b/.test(commandOf(pid));

export function killOurs(root: number): void {
  for (const pid of processTree(root)) if (usageOf(pid) !== null && !isServer(pid)) process.kill(pid, 'SIGKILL');
}

/** Samples CPU and memory; what a process uses in its last few milliseconds is missed. */
function watchUsage(root: number): { stop(): Pick<CommandResult, 'cpuSeconds' | 'peakMegabytes' | 'serverCpuSeconds'> } {
  const ours = new Map<number, number>();
  const servers = new Map<number, number>();
  let peakMegabytes = 0;
  const sample = (): void => {
    let megabytes = 0;
    for (const pid of processTree(root)) {
      const usage = usageOf(pid);
      if (usage === null) continue;
      if (isServer(pid)) servers.set(pid, usage.cpuSeconds);
      else {
        ours.set(pid, usage.cpuSeconds);
        megabytes += usage.peakMegabytes;
      }
    }
    peakMegabytes = Math.max(peakMegabytes, megabytes);
  };
  const timer = setInterval(sample, 50);
  return {
    stop() {
      clearInterval(timer);
      const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
      return { cpuSeconds: sum(ours.values()), peakMegabytes, serverCpuSeconds: sum(servers.values()) };
    },
  };
}
