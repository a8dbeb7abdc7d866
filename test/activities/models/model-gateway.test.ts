import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';
import { createModelGateway } from '../../../activities/models/create-model-gateway.ts';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { JoinRate } from '../../../activities/models/rate-member.ts';
import type { GatewayAnswer, ModelGateway } from '../../../activities/models/model-gateway.ts';
import { startFakeModel, type FakeModelServer } from '../../../fake-model/start-fake-model.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { modelPlanOf } from './model-plan-of.ts';

let fake: FakeModelServer = await startFakeModel();
let environment: NodeJS.ProcessEnv = {};
let gateway: ModelGateway = createModelGateway();
beforeEach(async () => {
  await fake.close();
  fake = await startFakeModel();
  environment = { SYGRA_WRITER_URL: fake.url };
  gateway = createModelGateway({ environment: () => environment });
});
afterEach(() => gateway.close());
after(() => fake.close());

const MODEL = modelPlanOf();
const signal = new AbortController().signal;

interface AskOptions {
  model?: ModelPlan;
  run?: string;
  runConcurrency?: number;
  signal?: AbortSignal;
  onStart?: () => void;
}

function ask(prompt: string, options: AskOptions = {}): Promise<GatewayAnswer> {
  const request = { messages: [{ role: 'user' as const, content: prompt }], parameters: {} };
  return gateway.call({ model: MODEL, request, run: 'run', runConcurrency: 1000, signal, ...options });
}

/** Asks as a node does: a passing failure is asked again after its wait. Returns the number of failed calls. */
async function askUntilAnswered(prompt: string, options: AskOptions = {}): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await ask(prompt, options);
      return failures;
    } catch (error) {
      if (!(error instanceof ModelCallError) || error.kind !== 'passing') throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMilliseconds ?? 20));
    }
  }
}

const range = (count: number): string[] => Array.from({ length: count }, (_, index) => `record ${index}`);

test('answers, and tells latency, endpoint and when', async () => {
  const before = Date.now();
  assert.equal(gateway.lastAnswerAt(MODEL), 0);
  const { answer, endpoint, latencyMilliseconds } = await ask('hello');
  assert.match(answer.message.content as string, /^hello: /);
  assert.equal(endpoint, fake.url);
  assert.ok(latencyMilliseconds >= 0);
  assert.ok(gateway.lastAnswerAt(MODEL) >= before);
});

// How few are wasted is measured on a clock that does not depend on the machine: limiter.test.ts.
test('keeps most of 500 calls from an endpoint that takes 100 at once', async () => {
  fake.control({ maxInFlight: 100, latencyMilliseconds: 250, retryAfterSeconds: 0.3 });
  await Promise.all(range(1000).map((prompt) => askUntilAnswered(prompt, { runConcurrency: 500 })));
  const stats = fake.stats();
  assert.equal(stats.answered, 1000);
  assert.equal(stats.repeatedAnswers, 0);
  assert.ok(stats.calls - 1000 < 500, `${stats.calls - 1000} calls were wasted`);
});

test('loses nothing and repeats nothing where a fifth of the calls fail', async () => {
  fake.control({ failureRate: 0.2, latencyMilliseconds: 20, retryAfterSeconds: 0.1 });
  await Promise.all(range(400).map((prompt) => askUntilAnswered(prompt)));
  const stats = fake.stats();
  assert.equal(stats.answered, 400);
  assert.equal(stats.repeatedAnswers, 0);
});

test('waits while an endpoint refuses connections, and goes on by itself', async () => {
  fake.control({ latencyMilliseconds: 20 });
  const all = Promise.all(range(400).map((prompt) => askUntilAnswered(prompt, { runConcurrency: 20 })));
  setTimeout(() => void fake.refuseConnectionsFor(800), 100);
  const failures = (await all).reduce((sum, each) => sum + each, 0);
  assert.equal(fake.stats().answered, 400);
  assert.ok(failures < 100, `${failures} calls failed: an endpoint that is down is asked by single calls`);
});

test('keeps to the concurrency of the run and of the model', async () => {
  fake.control({ latencyMilliseconds: 30 });
  await Promise.all(range(60).map((prompt) => ask(prompt, { runConcurrency: 10 })));
  assert.equal(fake.stats().maxInFlight, 10);
  fake.reset();
  const model = modelPlanOf({ maxConcurrency: 4 });
  await Promise.all(range(20).map((prompt) => ask(prompt, { model })));
  assert.equal(fake.stats().maxInFlight, 4);
});

test('counts a run over all its models', async () => {
  fake.control({ latencyMilliseconds: 30 });
  environment.SYGRA_JUDGE_URL = fake.url;
  const models = [MODEL, modelPlanOf({ name: 'judge' })];
  await Promise.all(range(40).map((prompt, index) => ask(prompt, { model: models[index % 2]!, runConcurrency: 6 })));
  assert.equal(fake.stats().maxInFlight, 6);
});

test('lets models take turns at the places of a run', async () => {
  fake.control({ latencyMilliseconds: 5 });
  environment.SYGRA_JUDGE_URL = fake.url;
  const models = [MODEL, modelPlanOf({ name: 'judge' })];
  const answered: string[] = [];
  await Promise.all(
    models.flatMap((model) =>
      range(40).map(async (prompt) => {
        await ask(`${model.name} ${prompt}`, { model, runConcurrency: 4 });
        answered.push(model.name);
      }),
    ),
  );
  const inFirstHalf = answered.slice(0, 40).filter((name) => name === 'judge').length;
  assert.ok(inFirstHalf >= 10 && inFirstHalf <= 30, `${inFirstHalf} of the first 40 answers are those of one of two models`);
});

test('serves runs in turn', async () => {
  fake.control({ latencyMilliseconds: 5 });
  const model = modelPlanOf({ maxConcurrency: 1 });
  const started: string[] = [];
  const calls = ['a', 'a', 'a', 'b', 'b'].map((run) => ask('x', { model, run, onStart: () => started.push(run) }));
  await Promise.all(calls);
  assert.equal(started.join(''), 'aabab');
});

test('serves a run of a smaller number first', async () => {
  fake.control({ latencyMilliseconds: 5 });
  const model = modelPlanOf({ maxConcurrency: 1 });
  const started: string[] = [];
  gateway.prioritiseRun('b', 1);
  const calls = ['a', 'a', 'a', 'b', 'b'].map((run) => ask('x', { model, run, onStart: () => started.push(run) }));
  await Promise.all(calls);
  assert.equal(started.join(''), 'abbaa');
});

test('spreads calls over the minute by their number and their tokens', async () => {
  // Four a second: the first two, of which one is saved, and from then on one every 250 ms.
  const model = modelPlanOf({ requestsPerMinute: 240 });
  const controller = new AbortController();
  const from = Date.now();
  const calls = range(30).map((prompt) => ask(prompt, { model, signal: controller.signal }));
  await Promise.all(calls.slice(0, 4));
  const allowed = 3 + (Date.now() - from) / 250;
  assert.ok(fake.stats().calls <= allowed, `${fake.stats().calls} calls, not ${allowed}`);
  controller.abort(new Error('enough'));
  for (const call of calls.slice(Math.ceil(allowed) + 1)) await assert.rejects(call, /enough/);
  await Promise.allSettled(calls);
  // An estimate of 256 tokens of answer each would take five minutes; the true numbers are smaller.
  const frugal = modelPlanOf({ tokensPerMinute: 12_000 });
  await Promise.all(range(4).map((prompt) => ask(prompt, { model: frugal })));
});

test('keeps to the share of a rate that others leave, and gives it back in the end', async () => {
  const log: string[] = [];
  const shares = [0, 1];
  const joinRate: JoinRate = ({ key, summary }) => {
    log.push(summary.replace(/:\d+/, ''), String(key.length));
    return {
      renew: (demand) => {
        assert.ok(demand > 0 && demand <= 1);
        log.push('renew');
        return Promise.resolve({ share: shares.shift() ?? 1, validMilliseconds: 7_000, renewMilliseconds: 50 });
      },
      leave: () => Promise.resolve(void log.push('leave')),
    };
  };
  const sharing = createModelGateway({ environment: () => environment, joinRate });
  const model = modelPlanOf({ requestsPerMinute: 60_000 });
  const request = { messages: [{ role: 'user' as const, content: 'x' }], parameters: {} };
  await sharing.call({ model, request, run: 'run', runConcurrency: 1, signal });
  // Further ones, where the answer takes its time.
  assert.deepEqual(log.slice(0, 4), ['rate of model writer at http://127.0.0.1/v1', '20', 'renew', 'renew']);
  await sharing.close();
  assert.equal(log.at(-1), 'leave');
});

test('asks for no share where nothing is limited, or where a model is simulated', async () => {
  const sharing = createModelGateway({ environment: () => environment, joinRate: () => ({ renew: () => assert.fail(), leave: () => assert.fail() }) });
  const request = { messages: [{ role: 'user' as const, content: 'x' }], parameters: {} };
  await sharing.call({ model: MODEL, request, run: 'run', runConcurrency: 1, signal });
  environment = {};
  await sharing.call({ model: modelPlanOf({ name: 'other', requestsPerMinute: 600 }), request, run: 'run', runConcurrency: 1, signal });
  await sharing.close();
});

test('forgets a queued call that is cancelled', async () => {
  fake.control({ latencyMilliseconds: 50 });
  const model = modelPlanOf({ maxConcurrency: 1 });
  const controller = new AbortController();
  const first = ask('first', { model });
  const second = ask('second', { model, signal: controller.signal });
  controller.abort(new Error('cancelled'));
  await assert.rejects(second, /cancelled/);
  await first;
  assert.deepEqual(gateway.state(model), { inFlight: 0, queued: 0, window: 1, overloaded: 0 });
  assert.equal(fake.stats().calls, 1);
});

for (const loadBalancing of ['least_requests', 'round_robin'] as const) {
  test(`spreads calls over several endpoints by ${loadBalancing}, and avoids one that refuses connections`, async () => {
    const other = await startFakeModel({ script: { latencyMilliseconds: 20 } });
    try {
      fake.control({ latencyMilliseconds: 20 });
      environment.SYGRA_WRITER_URL = `${fake.url}|${other.url}`;
      const model = modelPlanOf({ loadBalancing });
      await Promise.all(range(40).map((prompt) => ask(prompt, { model, runConcurrency: 10 })));
      assert.ok(Math.abs(fake.stats().calls - other.stats().calls) <= 10);
      await fake.close();
      const answeredBefore = other.stats().answered;
      await Promise.all(range(200).map((prompt) => askUntilAnswered(prompt, { model, runConcurrency: 10 })));
      assert.equal(other.stats().answered - answeredBefore, 200);
    } finally {
      await other.close();
    }
  });
}

test('goes on with a mended key after a refresh', async () => {
  fake.control({ requireKey: 'the-right-key' });
  environment.SYGRA_WRITER_TOKEN = 'the-wrong-key';
  await assert.rejects(ask('x'), (error: ModelCallError) => {
    assert.deepEqual([error.kind, error.reason], ['configuration', 'unauthorized']);
    assert.match(error.message, /SYGRA_WRITER_TOKEN/);
    return !error.message.includes('the-wrong-key');
  });
  environment.SYGRA_WRITER_TOKEN = 'the-right-key';
  gateway.refresh();
  assert.ok(await ask('x'));
});

test('lets calls in flight end as they began when it is refreshed', async () => {
  fake.control({ latencyMilliseconds: 50 });
  const call = ask('x');
  await new Promise((resolve) => setTimeout(resolve, 20));
  environment.SYGRA_WRITER_TOKEN = 'another-key';
  gateway.refresh();
  assert.ok(await call);
});

test('says what is wrong where what is configured makes no endpoint', async () => {
  environment = { SYGRA_WRITER_TOKEN: 'a-key-of-ours' };
  await assert.rejects(ask('x'), {
    name: 'ModelCallError',
    kind: 'configuration',
    message: /Set SYGRA_WRITER_URL too/,
  });
  assert.match(gateway.describe(MODEL), /Set SYGRA_WRITER_URL too/);
});

test('names endpoint and key variable, never the key', () => {
  environment.SYGRA_WRITER_TOKEN = 'a-key-of-ours';
  assert.equal(gateway.describe(MODEL), `model "writer": ${fake.url} with the key from SYGRA_WRITER_TOKEN`);
});

test('simulates a model for which nothing is configured, and says so', async () => {
  environment = {};
  assert.equal(gateway.isSimulated(MODEL), true);
  assert.match(gateway.describe(MODEL), /built-in simulation; set SYGRA_WRITER_URL/);
  const { answer, endpoint } = await ask('hello');
  assert.equal(endpoint, 'built-in simulation');
  assert.match(answer.message.content as string, /^\[simulated\] hello: /);
  assert.equal(await gateway.probe(MODEL, signal), true);
});

test('knows by a probe whether any endpoint is alive', async () => {
  assert.equal(await gateway.probe(MODEL, signal), true);
  const dead = modelPlanOf({ name: 'dead', url: 'http://127.0.0.1:9/v1' });
  assert.equal(await gateway.probe(dead, signal), false);
});
