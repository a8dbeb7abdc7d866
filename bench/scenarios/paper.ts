import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../harness/command.ts';
import { startEndpoint } from '../harness/endpoint.ts';
import { figure, type Figure } from '../harness/report.ts';
import { createWorkspace } from '../harness/workspace.ts';

const BARE_LOOP = fileURLToPath(new URL('../harness/bare-loop.ts', import.meta.url));
const RECORDS = 10_000;
const CONCURRENCY = 500;

/** The workload of the SyGra paper's section 5, beside a bare loop over the same records. */
export async function paper({ latencyMilliseconds = 100, records = RECORDS, environment = {} }: { latencyMilliseconds?: number; records?: number; environment?: NodeJS.ProcessEnv } = {}): Promise<Figure[]> {
  const endpoint = await startEndpoint({ latencyMilliseconds, answer: { words: 60 } });
  const workspace = await createWorkspace({ records, endpointUrl: endpoint.url });
  try {
    const started = performance.now();
    const bare = spawnSync(process.execPath, ['--import', 'tsx', BARE_LOOP, join(workspace.folder, 'input.jsonl'), join(workspace.folder, 'bare.jsonl'), endpoint.url, String(CONCURRENCY)], { stdio: 'inherit', cwd: process.cwd() });
    if (bare.status !== 0) throw new Error('the bare loop failed');
    const bareSeconds = (performance.now() - started) / 1000;
    await endpoint.reset();
    const run = await runCommand(['run', '.', '--json', '--concurrency', String(CONCURRENCY), '--output', 'out.jsonl'], { folder: workspace.folder, environment: { ...workspace.environment, ...environment } });
    if (run.exitCode !== 0) throw new Error(`the run ended with ${run.exitCode}: ${run.stderr}`);
    const rows = (await workspace.lines('out.jsonl')).length;
    const { calls, maxInFlight } = await endpoint.stats();
    const slow = latencyMilliseconds >= 1000;
    const limit = slow ? 24 : 8;
    const ratio = run.seconds / bareSeconds;
    const cpu = (run.cpuSeconds * 1000) / records;
    return [
      figure(`${records} records, ${latencyMilliseconds} ms answers, wall time`, { measured: `${run.seconds.toFixed(2)} s (server ${run.serverCpuSeconds.toFixed(1)} s CPU)`, required: `≤ ${limit} s`, met: run.seconds <= limit }),
      ...(slow ? [] : [figure('against the bare loop', { measured: `${ratio.toFixed(2)}× of ${bareSeconds.toFixed(2)} s`, required: '≤ 3.3×', met: ratio <= 3.3 })]),
      figure('CPU of our processes', { measured: `${cpu.toFixed(2)} ms a record`, required: '≤ 1 ms', met: cpu <= 1 }),
      figure('peak memory of our processes', { measured: `${run.peakMegabytes.toFixed(0)} MB`, required: '≤ 400 MB', met: run.peakMegabytes <= 400 }),
      figure('rows, calls, most in flight', { measured: `${rows}, ${calls}, ${maxInFlight}`, required: `${records}, ${records}, ≤ ${CONCURRENCY}`, met: rows === records && calls === records && maxInFlight <= CONCURRENCY }),
    ];
  } finally {
    endpoint.close();
    await workspace.remove();
  }
}
