import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeModelScript } from '../../fake-model/script.ts';
import { runCommand, startCommand, type CommandResult, type RunningCommand } from './command.ts';
import { startEndpoint, type Endpoint } from './endpoint.ts';
import { createWorkspace, type Workspace, type WorkspaceOptions } from './workspace.ts';

/** A workspace, its endpoint, and ways to run the command there. */
export interface Scene {
  endpoint: Endpoint;
  workspace: Workspace;
  run(...flags: string[]): Promise<RunResult>;
  start(...flags: string[]): RunningCommand;
}

export interface RunResult extends CommandResult {
  /** The object that `run --json` ends with; null when it printed none. */
  json: RunJson | null;
}

export interface RunJson {
  runId: string;
  status: string;
  output: string | null;
  failedRecords: string | null;
  counts: { total: number; done: number; failed: number };
  modelCalls: number;
}

export async function withScene<Result>(
  options: { script: FakeModelScript } & Omit<WorkspaceOptions, 'endpointUrl'>,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const endpoint = await startEndpoint(options.script);
  const workspace = await createWorkspace({ ...options, endpointUrl: endpoint.url });
  const flags = (extra: string[]): string[] => ['run', '.', '--json', '--output', 'out.jsonl', ...extra];
  try {
    return await play({
      endpoint,
      workspace,
      start: (...extra) => startCommand(flags(extra), workspace),
      run: async (...extra) => readRun(await runCommand(flags(extra), workspace)),
    });
  } finally {
    endpoint.close();
    await workspace.remove();
  }
}

export function readRun(result: CommandResult): RunResult {
  const last = result.stdout.trimEnd().split('\n').at(-1) ?? '';
  return { ...result, json: last.startsWith('{') ? (JSON.parse(last) as RunJson) : null };
}

export const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again every few milliseconds until the answer is not null. */
export async function until<Value>(ask: () => Promise<Value | null> | Value | null, what: string, seconds = 60): Promise<Value> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const value = await ask();
    if (value !== null) return value;
    await sleep(5);
  }
  throw new Error(`waited ${seconds} s in vain for ${what}`);
}

/** Every record of the source is in the output exactly once. */
export async function missingAndDoubled(scene: Scene, records: number): Promise<{ missing: number; doubled: number }> {
  if (!existsSync(join(scene.workspace.folder, 'out.jsonl'))) return { missing: records, doubled: 0 };
  const ids = (await scene.workspace.lines('out.jsonl')).map((line) => (JSON.parse(line) as { id: number }).id);
  const distinct = new Set(ids);
  return { missing: records - distinct.size, doubled: ids.length - distinct.size };
}
