import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { connectClient } from '../../worker/connect-client.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { startCommand, type RunningCommand } from '../harness/command.ts';
import { figure, type Figure } from '../harness/report.ts';
import { until, withScene, type Scene } from '../harness/scene.ts';

const WORKERS = 3;
const PER_MINUTE = 600;
const WINDOW_MILLISECONDS = 10_000;
const MOST_DELAY_SECONDS = 2;

/** Three worker processes keep one limit of 600 calls a minute, at an endpoint that notes when calls arrive. */
export async function sharedRate({ records = 1_000 }: { records?: number } = {}): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 200 }, records, model: { requests_per_minute: PER_MINUTE } }, async (scene) => {
    const server = await ensureServer({ storeFolder: join(scene.workspace.folder, '.syngraph'), environment: process.env, onProgress: () => undefined });
    const { client, close } = await connectClient(server);
    const workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(scene)));
    try {
      const run = await scene.run('--no-worker', '--batch-size', '20', '--concurrency', '300', '--fresh');
      if (run.exitCode !== 0) throw new Error(`the run ended with ${run.exitCode}: ${run.stderr}`);
      const arrivals = await scene.endpoint.arrivals();
      const seconds = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1000;
      const most = mostInWindow(arrivals);
      const allowed = (PER_MINUTE * WINDOW_MILLISECONDS) / 60_000;
      const used = (arrivals.length - 1) / ((seconds * PER_MINUTE) / 60);
      const events = await limiterEvents(client);
      await Promise.all(workers.map((worker) => end(worker)));
      const delay = await firstCallDelay(scene, client);
      return [
        figure(`calls in ${seconds.toFixed(0)} s, most in any 10 s`, { measured: `${arrivals.length}, ${most}`, required: `${records}, ≤ ${(1.1 * allowed).toFixed(0)}`, met: arrivals.length === records && most <= 1.1 * allowed }),
        figure(`share of ${PER_MINUTE} a minute that was used`, { measured: `${(used * 100).toFixed(1)} %`, required: '≥ 90 %', met: used >= 0.9 }),
        figure('history events of the limiter', { measured: `${events} (${(events / seconds).toFixed(1)} a second)`, required: 'none a call', met: events < arrivals.length }),
        figure('one worker, new limiter: from the start of the activity to its first call', { measured: `${(delay * 1000).toFixed(0)} ms`, required: `≤ ${MOST_DELAY_SECONDS} s`, met: delay <= MOST_DELAY_SECONDS }),
      ];
    } finally {
      await Promise.all(workers.map((worker) => end(worker)));
      await server.release();
      await close();
    }
  });
}

async function startWorker(scene: Scene): Promise<RunningCommand> {
  const command = startCommand(['worker'], scene.workspace);
  let text = '';
  command.child.stdout?.on('data', (chunk: string) => (text += chunk));
  await until(() => (text.includes('Serving') ? true : null), 'a worker to serve');
  return command;
}

async function end({ child, done }: RunningCommand): Promise<void> {
  child.kill('SIGTERM');
  await done;
}

function mostInWindow(arrivals: number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of arrivals.entries()) {
    while (at - (arrivals[first] ?? at) >= WINDOW_MILLISECONDS) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

async function limiterEvents(client: Client): Promise<number> {
  let events = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: "WorkflowType = 'limiter'" })) {
    // Visibility knows the length of closed histories only.
    events += (await client.workflow.getHandle(workflowId, runId).describe()).historyLength;
  }
  return events;
}

/** Seconds from the start of a node's activity, in a run of its own worker, to its first call; the median of three runs. */
async function firstCallDelay(scene: Scene, client: Client): Promise<number> {
  const delays: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    // Another model is another limiter: each time it has to be started.
    await writeFile(join(scene.workspace.folder, 'models.yaml'), `writer:\n  model_type: openai\n  model: fake-${time}\n  requests_per_minute: ${PER_MINUTE}\n`);
    await scene.endpoint.reset();
    const run = await scene.run('-n', '3', '--fresh', '--run-id', `first-${time}`, '--output', `first-${time}.jsonl`);
    if (run.exitCode !== 0) throw new Error(`a small run ended with ${run.exitCode}: ${run.stderr}`);
    const startedAt = await until(() => lastActivityStart(client, `first-${time}`), 'the batch to be listed');
    delays.push(((await scene.endpoint.arrivals())[0] ?? Infinity) - startedAt);
  }
  return ([...delays].sort((left, right) => left - right)[1] ?? Infinity) / 1000;
}

async function lastActivityStart(client: Client, run: string): Promise<number | null> {
  for await (const { workflowId } of client.workflow.list({ query: `SyngraphRun = '${run}' AND WorkflowType = 'batch'` })) {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const starts = (events ?? []).filter((event) => event.activityTaskStartedEventAttributes != null);
    const { seconds, nanos } = starts.at(-1)?.eventTime ?? {};
    return Number(seconds) * 1000 + Number(nanos) / 1e6;
  }
  return null;
}
