import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createS3Store } from '../../activities/store/s3/s3-store.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { killOurs, runCommand, startCommand, type RunningCommand } from '../harness/command.ts';
import { startEndpoint, type Endpoint } from '../harness/endpoint.ts';
import { figure, type Figure } from '../harness/report.ts';
import { startS3Server } from '../harness/s3-server.ts';
import { readRun, sleep, until } from '../harness/scene.ts';
import { createWorkspace, type Workspace } from '../harness/workspace.ts';

const WORKERS = 4;

/** Calls in flight of one worker: 100 over all. */
const CALLS_OF_WORKER = 25;

export interface ManyWorkers {
  records?: number;
  /** Kills that must happen before the run is over. */
  leastKills?: number;
  secondsBetweenKills?: number;
}

interface Outcome {
  seconds: number;
  missing: number;
  doubled: number;
  calls: number;
  kills: number;
  /** Calls in flight of the killed workers, and their answers of the last second before. */
  excusable: number;
}

/** Four worker processes on a bucket: once left alone, once with one of them killed every ten seconds and replaced. */
export async function manyWorkers({ records = 10_000, leastKills = 15, secondsBetweenKills = 10 }: ManyWorkers = {}): Promise<Figure[]> {
  const s3 = await startS3Server();
  const saved = { ...process.env };
  Object.assign(process.env, s3.environment);
  try {
    const alone = await play({ records, store: `${s3.bucket}/alone`, killEvery: null });
    const killed = await play({ records, store: `${s3.bucket}/killed`, killEvery: secondsBetweenKills });
    const allowed = records + killed.excusable;
    return [
      figure(`seconds without kills, with ${killed.kills} kills`, { measured: `${alone.seconds.toFixed(0)} s, ${killed.seconds.toFixed(0)} s (${(killed.seconds / alone.seconds).toFixed(2)}×)`, required: `≥ ${leastKills} kills, ≤ 2×`, met: killed.kills >= leastKills && killed.seconds <= 2 * alone.seconds }),
      figure('records missing / doubled, without kills, with kills', { measured: `${alone.missing} / ${alone.doubled}, ${killed.missing} / ${killed.doubled}`, required: '0 / 0', met: [alone, killed].every(({ missing, doubled }) => missing + doubled === 0) }),
      figure('calls without kills', { measured: String(alone.calls), required: `= ${records}`, met: alone.calls === records }),
      figure('calls with kills, against records + in flight + last second at each kill', { measured: `${killed.calls} (${killed.calls - records} beyond the records)`, required: `≤ ${records} + ${killed.excusable}`, met: killed.calls <= allowed }),
    ];
  } finally {
    for (const name of Object.keys(s3.environment)) if (saved[name] === undefined) delete process.env[name];
    Object.assign(process.env, saved);
    await s3.close();
  }
}

async function play(options: { records: number; store: string; killEvery: number | null }): Promise<Outcome> {
  const { records, store, killEvery } = options;
  const endpoints = await Promise.all(Array.from({ length: WORKERS }, () => startEndpoint({ latencyMilliseconds: 2_000 })));
  const workspace = await createWorkspace({ records, endpointUrl: endpoints[0]?.url ?? '', model: { max_concurrency: CALLS_OF_WORKER } });
  // One endpoint for each worker tells what a killed one had in flight.
  const slots = endpoints.map((endpoint) => new WorkerSlot({ workspace, endpoint, store }));
  const server = await ensureServer({ storeFolder: join(workspace.folder, '.syngraph'), environment: process.env, onProgress: () => undefined });
  try {
    await Promise.all(slots.map((slot) => slot.start()));
    const flags = ['run', '.', '--json', '--no-worker', '--store', store, '--output', `${store}/out.jsonl`, '--concurrency', String(2 * WORKERS * CALLS_OF_WORKER), '--batch-size', '50'];
    const run = runCommand(flags, workspace);
    const killing = killEvery === null ? null : killInTurn(slots, { every: killEvery, run });
    const result = readRun(await run);
    const { kills, excusable } = (await killing) ?? { kills: 0, excusable: 0 };
    if (result.exitCode !== 0) throw new Error(`the run ended with ${result.exitCode}: ${result.stderr}`);
    const calls = (await Promise.all(endpoints.map((endpoint) => endpoint.stats()))).reduce((sum, stats) => sum + stats.calls, 0);
    return { seconds: result.seconds, ...(await missingAndDoubled(store, records)), calls, kills, excusable };
  } finally {
    await Promise.all(slots.map((slot) => slot.stop()));
    await server.release();
    for (const endpoint of endpoints) endpoint.close();
    await workspace.remove();
  }
}

async function killInTurn(slots: WorkerSlot[], { every, run }: { every: number; run: Promise<unknown> }): Promise<{ kills: number; excusable: number }> {
  let isOver = false;
  void run.finally(() => (isOver = true));
  let excusable = 0;
  const startedAt = performance.now();
  for (let kills = 0; ; kills += 1) {
    // The last second before a kill is watched for what it may cost.
    const next = startedAt + (kills + 1) * every * 1_000 - 1_000;
    await Promise.race([sleep(Math.max(0, next - performance.now())), run]);
    const slot = slots[kills % slots.length];
    if (isOver || slot === undefined) return { kills, excusable };
    excusable += await slot.killAndReplace();
  }
}

/** A worker process and the endpoint that it alone asks. */
class WorkerSlot {
  readonly #options: { workspace: Workspace; endpoint: Endpoint; store: string };
  #command: RunningCommand | null = null;
  #starting: Promise<void> = Promise.resolve();

  constructor(options: { workspace: Workspace; endpoint: Endpoint; store: string }) {
    this.#options = options;
  }

  start(): Promise<void> {
    return (this.#starting = this.#start());
  }

  async #start(): Promise<void> {
    const { workspace, endpoint, store } = this.#options;
    const command = startCommand(['worker', '--store', store], { ...workspace, environment: { ...workspace.environment, SYGRA_WRITER_URL: endpoint.url } });
    this.#command = command;
    let text = '';
    command.child.stdout?.on('data', (chunk: string) => (text += chunk));
    await until(() => (text.includes('Serving') ? true : null), 'a worker to serve');
  }

  /** Resolves to what the kill may cost: calls in flight, and answers of the last second before it. */
  async killAndReplace(): Promise<number> {
    const { endpoint } = this.#options;
    await this.#starting;
    const before = await endpoint.stats();
    await sleep(1_000);
    const at = await endpoint.stats();
    killOurs(this.#command?.child.pid ?? 0);
    await this.#command?.done;
    // Between asking and the kill a few more have started.
    const after = await endpoint.stats();
    // The next kill does not wait for the replacement.
    void this.start();
    return at.inFlight + (at.answered - before.answered) + (after.calls - at.calls);
  }

  async stop(): Promise<void> {
    await this.#starting;
    this.#command?.child.kill('SIGTERM');
    const result = await this.#command?.done;
    if (result !== undefined && result.exitCode !== 0) throw new Error(`a worker ended with ${result.exitCode}: ${result.stderr}`);
  }
}

async function missingAndDoubled(store: string, records: number): Promise<{ missing: number; doubled: number }> {
  const ids: number[] = [];
  const bucket = createS3Store({ address: store, copiesFolder: '' });
  for await (const line of createInterface({ input: bucket.openRead('out.jsonl') })) ids.push((JSON.parse(line) as { id: number }).id);
  const distinct = new Set(ids);
  return { missing: records - distinct.size, doubled: ids.length - distinct.size };
}
