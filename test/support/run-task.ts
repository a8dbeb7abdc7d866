import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TASK_QUEUE, WORKFLOW_TYPES, type PipelineInput, type RunSummary } from '../../pipeline/run-contract.ts';
import type { Engine } from './engine.ts';

let number = 0;

export interface TaskFiles {
  /** The pipeline file. */
  yaml: string;
  /** Further files by their path in the task folder. */
  files?: Record<string, string>;
  input?: PipelineInput;
  /** The output goes where the pipeline says. */
  sinks?: boolean;
}

export interface StartedTask {
  /** Of the run's root workflow. */
  id: string;
  result: Promise<RunSummary>;
}

export interface FinishedTask {
  id: string;
  summary: RunSummary;
  rows: Record<string, unknown>[];
  failed: { id: string; node: string; code: string; message: string }[];
}

/** Writes a task into the engine's folder and starts it. */
export async function startTask(engine: Engine, { yaml, files = {}, input = {}, sinks = false }: TaskFiles): Promise<StartedTask> {
  const name = `task-${process.pid}-${number++}`;
  const folder = join(engine.folder, name);
  for (const [path, content] of Object.entries({ 'graph_config.yaml': yaml, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const id = `${name}/run`;
  const args: [PipelineInput] = [{ task: name, ...(sinks ? {} : { output: join(folder, 'out.jsonl') }), ...input }];
  const handle = await engine.client.workflow.start(WORKFLOW_TYPES.run, { workflowId: id, taskQueue: TASK_QUEUE, args });
  return { id, result: handle.result() as Promise<RunSummary> };
}

export async function runTask(engine: Engine, task: TaskFiles): Promise<FinishedTask> {
  const { id, result } = await startTask(engine, task);
  return readTask(id, await result);
}

export async function readTask(id: string, summary: RunSummary): Promise<FinishedTask> {
  return { id, summary, rows: await readLines(summary.output), failed: await readLines(summary.failedRecords) };
}

async function readLines<Line>(path: string | null): Promise<Line[]> {
  if (path === null) return [];
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}
