// What one call of a user function costs when it crosses to a function thread and back.
// Run: node --import tsx bench/function-call.ts [CALLS]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleFunctions } from '../activities/functions/bundle-functions.ts';
import { createFunctionHost } from '../activities/functions/create-function-host.ts';

const CHUNK = 100;
const calls = Number(process.argv[2] ?? 100_000);
const folder = await mkdtemp(join(tmpdir(), 'syngraph-bench-'));
const file = join(folder, 'functions.ts');
await writeFile(
  file,
  'export class Tag {\n  apply(config: object, state: object) { return { ...state, tag: 1 }; }\n}\n',
);
const { code } = await bundleFunctions({
  taskFolder: folder,
  functions: [{ reference: 'Tag', file, exportName: 'Tag' }],
});
const bundlePath = join(folder, 'bundle.mjs');
await writeFile(bundlePath, code);

const host = createFunctionHost();
const records = Array.from({ length: CHUNK }, (_, index) => [
  { node: 'tag' },
  { id: index, text: 'x'.repeat(500), tone: 'calm', persona: 'a nurse' },
]);
const run = async (count: number): Promise<void> => {
  for (let done = 0; done < count; done += CHUNK) await host.callEach({ bundlePath, function: 'Tag' }, records);
};
await run(10_000);
const cpuBefore = process.cpuUsage();
const begin = performance.now();
await run(calls);
const { user, system } = process.cpuUsage(cpuBefore);
const seconds = (performance.now() - begin) / 1000;
console.log(
  JSON.stringify({
    calls,
    chunk: CHUNK,
    cpuMicrosecondsPerCall: (user + system) / calls,
    callsPerSecond: Math.round(calls / seconds),
  }),
);
await host.close();
await rm(folder, { recursive: true });
