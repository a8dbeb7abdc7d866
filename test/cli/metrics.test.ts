import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { createWorkplace, questions, type RunningCommand, type Workplace } from './workplace.ts';

describe('syngraph worker --metrics-port', () => {
  let place: Workplace;
  let model: FakeModelServer;
  let worker: RunningCommand;
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  before(async () => {
    [place, model] = await Promise.all([createWorkplace(), startFakeModel({ script: { rules: [{ match: 'q[37]\\.', behaviour: 400 }] } })]);
    await place.write({ ...questions(20), '.env': `SYGRA_GPT_URL=${model.url}\nSYGRA_GPT_TOKEN=key\n` });
    worker = place.start(['worker', '--metrics-port', String(port)]);
    while (!worker.output().includes('Metrics are at')) await Promise.race([sleep(20), worker.ended.then(({ errors }) => assert.fail(errors))]);
  });
  after(async () => {
    worker.child.kill('SIGTERM');
    await worker.ended;
    await Promise.all([model.close(), place.remove()]);
  });

  it('tells Prometheus of records, calls, tokens, failures, limiters, and Temporal’s own', async () => {
    const run = await place.syngraph(['run', 'quiz', '--no-worker', '--json']);
    assert.equal(run.exitCode, 3, run.errors);
    const read = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    let text = await read();
    // Limiters are looked at once a second.
    while (!text.includes('syngraph_limiter_window')) {
      await sleep(100);
      text = await read();
    }
    const valueOf = (name: string, ...tags: string[]): number => {
      const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && tags.every((tag) => each.includes(tag)));
      return Number(line?.split(' ').at(-1) ?? assert.fail(`no ${name} with ${tags.join()} in ${text.split('\n').filter((each) => each.includes('syngraph_')).join('\n')}`));
    };
    assert.equal(valueOf('syngraph_model_calls_total', 'model="gpt"', 'pipeline="quiz"', 'outcome="answered"'), 18);
    assert.equal(valueOf('syngraph_model_calls_total', 'model="gpt"', 'outcome="rejected"'), 2);
    assert.ok(valueOf('syngraph_model_tokens_total', 'direction="completion"') > 0);
    assert.equal(valueOf('syngraph_model_call_seconds_count', 'model="gpt"'), 18);
    assert.equal(valueOf('syngraph_node_records_total', 'node="ask"', 'outcome="failed"'), 2);
    assert.equal(valueOf('syngraph_records_total', 'pipeline="quiz"', 'outcome="written"'), 18);
    assert.equal(valueOf('syngraph_failed_records_total', 'node="ask"', 'error="MODEL_REJECTED"'), 2);
    assert.ok(valueOf('syngraph_limiter_window', 'model="gpt"') >= 1);
    assert.equal(valueOf('syngraph_calls_queued', 'model="gpt"'), 0);
    assert.match(text, /^temporal_\w+\{.*task_queue="syngraph"/m);
  });

  it('does not start on a port that is taken', async () => {
    const second = await place.syngraph(['worker', '--metrics-port', String(port)]);
    assert.equal(second.exitCode, 2, second.errors);
    assert.match(second.errors, /metrics cannot be served on 127\.0\.0\.1/);
  });
});
