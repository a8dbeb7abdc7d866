import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { RunJson } from '../../cli/runs/run-report.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { until } from '../support/until.ts';
import { createWorkplace, questions, type Workplace } from './workplace.ts';

const KEY = 'sk-a-good-key-1234';
const last = (output: string): RunJson => JSON.parse(output.trim().split('\n').at(-1)!) as RunJson;

describe('syngraph run', () => {
  let place: Workplace;
  let model: FakeModelServer;
  before(async () => {
    [place, model] = await Promise.all([createWorkplace(), startFakeModel()]);
    await place.write({ ...questions(20), '.env': `SYGRA_GPT_URL=${model.url}\nSYGRA_GPT_TOKEN=${KEY}\n` });
  });
  beforeEach(() => {
    model.control({ rules: [], requireKey: null, latencyMilliseconds: 0 });
    model.reset();
  });
  after(async () => {
    await place.syngraph(['down']);
    await Promise.all([model.close(), place.remove()]);
  });

  it('names failed records, ends with 3, and asks only for them when it is run again', async () => {
    model.control({ rules: [{ match: 'q(7|13)\\.', behaviour: 400 }] });
    const first = await place.syngraph(['run', 'quiz', '--json', '--run-id', 'poison']);
    assert.equal(first.exitCode, 3, first.errors);
    const { counts, status, failedRecords, modelCalls } = last(first.output);
    assert.deepEqual({ counts, status, modelCalls }, { counts: { total: 20, done: 18, failed: 2 }, status: 'failed_records', modelCalls: 18 });
    assert.equal((await readFile(failedRecords!, 'utf8')).trim().split('\n').length, 2);
    const failed = await place.syngraph(['failed', 'poison']);
    assert.match(failed.output, /2 of 20 records of quiz\/poison failed\.\n\nask {2}MODEL_REJECTED: 2 records/);
    model.control({ rules: [] });
    model.reset();
    const second = await place.syngraph(['run', 'quiz', '--json']);
    assert.equal(second.exitCode, 0, second.errors);
    assert.equal(model.stats().calls, 2);
    assert.equal(last(second.output).reused, 18);
    assert.match(second.errors, /18 answers were reused \(18 from poison\)/);
  });

  it('ends with 2 where a file of the source is broken, in any format', async () => {
    const graph = questions(1)['quiz/graph_config.yaml']!;
    await place.write({
      'torn/lines.yaml': graph,
      'torn/whole.yaml': graph.replace('in.jsonl', 'in.json'),
      'torn/in.jsonl': '{"n": "q0."}\n{"n": \n',
      'torn/in.json': '[{"n": "q0."}, {"n": ',
    });
    for (const [task, file] of [['torn/lines.yaml', 'in.jsonl:2'], ['torn/whole.yaml', 'in.json']] as const) {
      const { exitCode, errors } = await place.syngraph(['run', task]);
      assert.deepEqual([exitCode, errors.includes(file)], [2, true], errors);
    }
    assert.equal(model.stats().calls, 0);
  });

  it('refuses a run id that exists', async () => {
    const { exitCode, errors } = await place.syngraph(['run', 'quiz', '--run-id', 'poison']);
    assert.equal(exitCode, 2);
    assert.match(errors, /\[RUN_EXISTS\]\n.*--resume poison/);
  });

  it('pauses at a rejected key and goes on when it is mended', async () => {
    model.control({ requireKey: KEY });
    const paused = await place.syngraph(['run', 'quiz', '--fresh', '--run-id', 'paused'], { SYGRA_GPT_TOKEN: 'sk-a-bad-key-5678' });
    assert.equal(paused.exitCode, 1);
    assert.match(paused.output, /paused at node ask: .*401.*SYGRA_GPT_TOKEN/);
    assert.match(paused.output, /syngraph run quiz --resume paused/);
    assert.doesNotMatch(paused.output + paused.errors, /sk-a-bad-key/);
    const status = await place.syngraph(['status', 'paused']);
    assert.match(status.output, /quiz\/paused paused\npaused: .*401.*SYGRA_GPT_TOKEN/);
    assert.match(status.output, /go on with: +syngraph run quiz --resume paused/);
    const resumed = await place.syngraph(['run', 'quiz', '--resume', '--json']);
    assert.equal(resumed.exitCode, 0, resumed.errors);
    const ended = JSON.parse((await place.syngraph(['status', 'paused', '--json'])).output) as { status: string; pause: unknown };
    assert.deepEqual([ended.status, ended.pause], ['done', null]);
    assert.deepEqual(last(resumed.output).counts, { total: 20, done: 20, failed: 0 });
    assert.equal(last(resumed.output).runId, 'paused');
  });

  it('writes what is finished at Ctrl-C, and resumes without repeating an answered call', async () => {
    model.control({ latencyMilliseconds: 300 });
    const running = place.start(['run', 'quiz', '--fresh', '--concurrency', '2', '--run-id', 'stopped', '--json']);
    await until(() => model.stats().calls >= 6);
    // It hears of the end before the rest is asked, however busy the machine is.
    model.control({ latencyMilliseconds: 2_000 });
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    assert.equal(stopped.exitCode, 1);
    assert.equal(last(stopped.output).status, 'cancelled');
    assert.match(stopped.errors, /syngraph run quiz --resume stopped/);
    const answered = model.stats().byStatus['200']!;
    model.control({ latencyMilliseconds: 0 });
    const resumed = await place.syngraph(['run', '--resume', 'stopped', '--json']);
    assert.equal(resumed.exitCode, 0, resumed.errors);
    assert.equal(last(resumed.output).counts.done, 20);
    assert.ok(model.stats().byStatus['200']! - answered <= 20 - last(stopped.output).counts.done);
    const rows = (await readFile(join(place.folder, 'output', 'quiz-stopped.jsonl'), 'utf8')).trim().split('\n');
    assert.equal(rows.length, 20);
  });

  describe('whose files are edited between run and resume', () => {
    const task = (version: string): Record<string, string> => ({
      'coded/graph_config.yaml': `data_config:
  source: { type: disk, file_path: in.jsonl }
graph_config:
  nodes:
    ask: { node_type: llm, model: { name: gpt }, prompt: [ { user: "Question {n}" } ], output_keys: answer }
    mark: { node_type: lambda, lambda: ./task_executor.ts#mark, output_keys: version }
  edges:
    - { from: START, to: ask }
    - { from: ask, to: mark }
    - { from: mark, to: END }
`,
      'coded/task_executor.ts': `export const mark = () => ({ version: '${version}' });\n`,
      'coded/in.jsonl': questions(20)['quiz/in.jsonl']!,
    });

    async function stopHalfWay(runId: string): Promise<void> {
      model.control({ latencyMilliseconds: 200 });
      model.reset();
      const running = place.start(['run', 'coded', '--fresh', '--concurrency', '2', '--run-id', runId]);
      await until(() => model.stats().calls >= 6);
      model.control({ latencyMilliseconds: 2_000 });
      running.child.kill('SIGINT');
      assert.equal((await running.ended).exitCode, 1);
      model.control({ latencyMilliseconds: 0 });
    }

    it('goes on with the code that it was planned with, and says so', async () => {
      await place.write(task('one'));
      await stopHalfWay('edited-code');
      await place.write({ 'coded/task_executor.ts': task('two')['coded/task_executor.ts']! });
      const resumed = await place.syngraph(['run', 'coded', '--resume', 'edited-code']);
      assert.equal(resumed.exitCode, 0, resumed.errors);
      assert.match(resumed.output, /coded has been changed since this run was planned; the run goes on with the code it was planned with/);
      const rows = (await readFile(join(place.folder, 'output', 'coded-edited-code.jsonl'), 'utf8')).trim().split('\n');
      assert.deepEqual(rows.map((row) => (JSON.parse(row) as { version: string }).version), Array<string>(20).fill('one'));
    });

    it('refuses a changed source with its name, and asks no model', async () => {
      await place.write(task('one'));
      await stopHalfWay('edited-source');
      const calls = model.stats().calls;
      await place.write({ 'coded/in.jsonl': questions(21)['quiz/in.jsonl']! });
      const resumed = await place.syngraph(['run', 'coded', '--resume', 'edited-source']);
      assert.equal(resumed.exitCode, 1);
      assert.match(resumed.errors, /error the source .*coded\/in\.jsonl is no longer what it was/);
      assert.equal(model.stats().calls, calls);
    });
  });

  it('previews records with what entered each node and what came out', async () => {
    const { exitCode, output } = await place.syngraph(['preview', 'quiz', '-n', '2']);
    assert.equal(exitCode, 0);
    assert.match(output, /record 1 of 2: .*\n {2}n: q0\.\n {2}ask llm\n {4}user: Question q0\.\n {4}answer: /);
    assert.match(output, /record 2 of 2/);
  });

  it('leaves a run to the worker that up keeps running, and shows how it stands', async () => {
    const detached = await place.syngraph(['run', 'quiz', '--detach', '--run-id', 'left', '--json']);
    assert.equal(detached.exitCode, 0, detached.errors);
    const summary = join(place.folder, '.syngraph', 'runs', 'quiz', 'left', 'summary.json');
    await until(() => existsSync(summary));
    const [status, listed] = await Promise.all([place.syngraph(['status', 'left', '--json']), place.syngraph(['list'])]);
    assert.deepEqual((JSON.parse(status.output) as RunJson).counts, { total: 20, done: 20, failed: 0 });
    assert.match(listed.output, /quiz\/left +done +20 +20 +0/);
  });
});
