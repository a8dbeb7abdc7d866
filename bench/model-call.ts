/**
 * CPU of one model call, end to end through the gateway, against the fake model server in a
 * process of its own: `node --import tsx bench/model-call.ts [calls] [concurrency] [latency in ms]`.
 * Prints a JSON line for each of two rounds: the first pays for connections and compilation.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createModelGateway } from '../activities/models/create-model-gateway.ts';
import { modelPlanOf } from '../test/activities/models/model-plan-of.ts';

const [calls = 10_000, concurrency = 500, latency = 100] = process.argv.slice(2).map(Number);
const script = JSON.stringify({ latencyMilliseconds: latency, endWithInput: true });
const server = spawn(
  process.execPath,
  ['--import', 'tsx', new URL('../fake-model/main.ts', import.meta.url).pathname, script],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
  },
);
const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
const { url } = JSON.parse(line) as { url: string };

const model = modelPlanOf({ name: 'bench', type: 'openai' });
const gateway = createModelGateway({
  environment: () => ({ SYGRA_BENCH_URL: url, SYGRA_BENCH_TOKEN: 'not-a-real-key' }),
});
const signal = new AbortController().signal;
const text = 'Rephrase this sentence so that it keeps its meaning. '.repeat(10);

for (let round = 1; round <= 2; round++) {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const all = Array.from({ length: calls }, (_, record) =>
    gateway.call({
      model,
      request: {
        messages: [
          { role: 'system', content: 'You rephrase.' },
          { role: 'user', content: `Record ${round}-${record}: ${text}` },
        ],
        parameters: { max_tokens: 500 },
      },
      run: 'bench',
      runConcurrency: concurrency,
      signal,
    }),
  );
  await Promise.all(all);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMillisecondsPerCall = Number(((user + system) / 1000 / calls).toFixed(3));
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(2));
  console.log(JSON.stringify({ round, calls, concurrency, latency, seconds, cpuMillisecondsPerCall }));
}
await gateway.close();
server.stdin.end();
