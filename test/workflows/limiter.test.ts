import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultLogger } from '@temporalio/worker';
import { createModelGateway } from '../../activities/models/create-model-gateway.ts';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import { createJoinRate } from '../../worker/join-rate.ts';
import { modelPlanOf } from '../activities/models/model-plan-of.ts';
import { startEngine } from '../support/engine.ts';

const fake = await startFakeModel();
const engine = await startEngine({ SYGRA_WRITER_URL: fake.url });
after(async () => {
  await engine.close();
  await fake.close();
});

const RATE = { key: 'abc', summary: 'rate of model writer at http://127.0.0.1' };
const logger = new DefaultLogger('ERROR');
const join = (identity: string, key = RATE.key) => createJoinRate({ client: engine.client, identity, logger })({ ...RATE, key });

test('workers lease parts of one rate, and what one gives back is the others’ at once', async () => {
  const first = join('first');
  const second = join('second');
  assert.equal((await first.renew(1)).share, 1);
  assert.equal((await second.renew(1)).share, 0);
  assert.equal((await first.renew(1)).share, 0.5);
  assert.equal((await second.renew(1)).share, 0.5);
  await first.leave();
  assert.equal((await second.renew(1)).share, 1);
  const { raw } = await engine.client.workflow.getHandle('limiter/abc').describe();
  assert.ok(Number(raw.workflowExecutionInfo?.historyLength) < 45);
});

test('a queue in the same worker is a member of its own', async () => {
  const joinRate = createJoinRate({ client: engine.client, identity: 'one', logger });
  const [left, right] = [joinRate({ ...RATE, key: 'own' }), joinRate({ ...RATE, key: 'own' })];
  assert.deepEqual([(await left.renew(0.5)).share, (await right.renew(0.5)).share], [1, 0]);
});

test('a limiter that was ended by hand begins anew', async () => {
  const member = join('first', 'ended');
  await member.renew(1);
  await engine.client.workflow.getHandle('limiter/ended').terminate('by hand');
  assert.equal((await member.renew(1)).share, 1);
});

test('two workers together keep the limit of their model', async () => {
  const model = modelPlanOf({ requestsPerMinute: 1_200 });
  const gateways = ['first', 'second'].map((identity) =>
    createModelGateway({ environment: () => ({ SYGRA_WRITER_URL: fake.url }), joinRate: createJoinRate({ client: engine.client, identity, logger }) }),
  );
  const stop = new AbortController();
  let prompts = 0;
  const answered = [0, 0];
  const calls = gateways.flatMap((gateway, index) =>
    Array.from({ length: 300 }, async () => {
      const request = { messages: [{ role: 'user' as const, content: `record ${prompts++}` }], parameters: {} };
      await gateway.call({ model, request, run: 'run', runConcurrency: 1000, signal: stop.signal });
      answered[index] = (answered[index] ?? 0) + 1;
    }),
  );
  const from = Date.now();
  // The second one comes to its half when the first one has renewed.
  while (answered[1] === 0 || fake.stats().calls < 90) await sleep(20);
  const seconds = (Date.now() - from) / 1000;
  assert.ok(fake.stats().calls <= 20 * (seconds + 0.3) + 2, `${fake.stats().calls} calls in ${seconds} s`);
  stop.abort(new Error('enough'));
  await Promise.allSettled(calls);
  await Promise.all(gateways.map((gateway) => gateway.close()));
});
