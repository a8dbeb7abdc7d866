import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import { until } from '../support/until.ts';
import { createWorkplace, questions, type CommandResult } from './workplace.ts';

const fake = await startFakeModel();
const place = await createWorkplace();
const environment = { SYGRA_GPT_URL: fake.url };
await place.write({ ...questions(400), 'quiz/models.yaml': 'gpt: { model_type: openai, model: fake, price: { input: 10, output: 10 } }\n' });
beforeEach(() => fake.control({ latencyMilliseconds: 100 }));
/** From now on calls take so long that a run does not come to its end while commands start, however busy the machine is. */
const slowDown = (): void => fake.control({ latencyMilliseconds: 2_000 });
const speedUp = (): void => fake.control({ latencyMilliseconds: 0 });
after(async () => {
  await place.syngraph(['down'], environment);
  await place.remove();
  await fake.close();
});

async function succeed(...words: string[]): Promise<CommandResult> {
  const result = await place.syngraph(words, environment);
  assert.equal(result.exitCode, 0, result.errors);
  return result;
}

const json = async (...words: string[]): Promise<Record<string, unknown>> => JSON.parse((await succeed(...words, '--json')).output.trim()) as Record<string, unknown>;

async function summaryOf(run: string): Promise<{ status: string } | null> {
  const text = await readFile(join(place.folder, '.syngraph/runs/quiz', run, 'summary.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { status: string });
}

test('a detached run is paused, changed, exported and resumed from other commands, over the death of its worker', async () => {
  await succeed('run', 'quiz', '--detach', '--run-id', 'one', '--concurrency', '4', '--batch-size', '10');
  await until(() => fake.stats().answered > 20);
  slowDown();
  const paused = await succeed('pause', 'one', '--reason', 'too dear');
  assert.match(paused.output, /paused by .*: too dear/);
  const status = await json('status', 'one');
  assert.equal(status.status, 'paused');
  assert.match((await succeed('status', 'one')).output, /go on with: +syngraph resume one\n/);
  const { control } = await json('set', 'one', '--model', 'gpt', '--concurrency', '50');
  assert.deepEqual((control as { models: object }).models, { gpt: { concurrency: 50 } });
  const unknown = await place.syngraph(['set', 'one', '--model', 'poet', '--concurrency', '5'], environment);
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.errors, /no model "poet".*\n.*gpt/);
  const exported = await json('export', 'one', '--output', 'so-far.csv');
  assert.ok((exported.rows as number) < 400);
  const { pid } = JSON.parse(await readFile(join(place.folder, '.syngraph/worker.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await succeed('up');
  assert.equal((await json('status', 'one')).status, 'paused');
  assert.equal(fake.stats().inFlight, 0);
  speedUp();
  await succeed('resume', 'one');
  await until(async () => (await summaryOf('one'))?.status === 'done');
  assert.equal(fake.stats().calls, 400);
  assert.equal((await json('export', 'one')).rows, 400);
  const closed = await place.syngraph(['pause', 'one'], environment);
  assert.equal(closed.exitCode, 2);
  assert.match(closed.errors, /has ended/);
});

test('limits that a resume names hold for a run that is still open', async () => {
  const before = fake.stats().answered;
  await succeed('run', 'quiz', '--detach', '--run-id', 'open', '--fresh', '--concurrency', '2', '--batch-size', '10');
  await until(() => fake.stats().answered > before + 5);
  slowDown();
  await succeed('pause', 'open');
  speedUp();
  const resumed = await succeed('run', '--resume', 'open', '--concurrency', '50');
  assert.match(resumed.output, /is open; going on with it/);
  assert.match(resumed.output, /all models: 50 calls in flight/);
  const control = JSON.parse(await readFile(join(place.folder, '.syngraph/runs/quiz/open/control.json'), 'utf8')) as { concurrency?: number };
  assert.equal(control.concurrency, 50);
});

test('a run ends with a code of its own at its cap, and goes on with a larger one', async () => {
  const capped = await place.syngraph(['run', 'quiz', '--run-id', 'two', '--fresh', '--concurrency', '4', '--batch-size', '10', '--max-tokens-total', '300'], environment);
  assert.equal(capped.exitCode, 4, capped.errors);
  assert.match(capped.output, /stopped at its cap/);
  assert.match(capped.output, /tokens of at most 300/);
  assert.match((await succeed('status', 'two')).output, /capped[\s\S]*stopped: .*300/);
  const again = await json('run', '--resume', 'two', '--max-tokens-total', 'none', '--concurrency', '50');
  assert.deepEqual([again.status, (again.counts as { done: number }).done], ['done', 400]);
});

test('an estimate is what the run then costs, and its answers are the run’s', async () => {
  const before = fake.stats().calls;
  const estimate = (await json('estimate', 'quiz', '--seed', '7')) as { cost: { value: number; error: number }; calls: { value: number }; tokens: object; seconds: number };
  assert.equal(fake.stats().calls - before, 40);
  assert.equal(estimate.calls.value, 400);
  assert.ok(estimate.seconds > 0);
  const { cost, calls, tokens, seconds } = await json('estimate', 'quiz', '--seed', '7');
  assert.deepEqual([cost, calls, tokens, seconds], [estimate.cost, estimate.calls, estimate.tokens, estimate.seconds]);
  assert.equal(fake.stats().calls - before, 40);
  const run = (await json('run', 'quiz', '--seed', '7', '--concurrency', '50')) as { cost: number; reused: number };
  assert.equal(run.reused, 40);
  const whole = (run.cost / 360) * 400;
  assert.ok(Math.abs(whole - estimate.cost.value) <= estimate.cost.error + 0.05 * whole, `${whole} is not within ${estimate.cost.value} ± ${estimate.cost.error}`);
});

test('a schedule is made, listed, triggered and deleted', async () => {
  const made = await json('schedule', 'create', 'quiz', '--cron', '0 2 1 1 *', '--id', 'nightly', '--num-records', '3', '--output', 'out/{run}.jsonl', '--time-zone', 'UTC');
  assert.match(String(made.next), /-01-01T02:00:00/);
  assert.match((await succeed('schedule', 'list')).output, /nightly.*quiz.*0 2 1 1 \* \(UTC\)/);
  await succeed('schedule', 'trigger', 'nightly');
  let run = '';
  await until(async () => {
    const { recent } = (await json('schedule', 'describe', 'nightly')) as { recent: { run: string }[] };
    run = recent[0]?.run ?? '';
    return run !== '' && (await summaryOf(run))?.status === 'done';
  });
  assert.equal((await readFile(join(place.folder, 'out', `${run}.jsonl`), 'utf8')).trimEnd().split('\n').length, 3);
  await succeed('schedule', 'pause', 'nightly');
  assert.match((await succeed('schedule', 'describe', 'nightly')).output, /paused/);
  await succeed('schedule', 'delete', 'nightly');
  const gone = await place.syngraph(['schedule', 'trigger', 'nightly'], environment);
  assert.equal(gone.exitCode, 2);
  assert.match(gone.errors, /there is no schedule "nightly"/);
});
