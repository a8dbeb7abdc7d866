import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunJson } from '../../cli/runs/run-report.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { createWorkplace, questions, type Workplace } from './workplace.ts';

const RECORDS = 30;
const last = (output: string): RunJson => JSON.parse(output.trim().split('\n').at(-1)!) as RunJson;

describe('syngraph failed and retry', () => {
  let place: Workplace;
  let model: FakeModelServer;
  before(async () => {
    [place, model] = await Promise.all([createWorkplace(), startFakeModel()]);
    const files = questions(RECORDS);
    const prompt = 'Look at https://help.example/?api_key=abcdefgh1234 for question {n}';
    const graph = files['quiz/graph_config.yaml']!.replace('Question {n}', prompt);
    await place.write({
      ...files,
      'quiz/graph_config.yaml': graph,
      'quiz/mended.yaml': graph.replace('Look at', 'Mended: look at'),
      '.env': `SYGRA_GPT_URL=${model.url}\nSYGRA_GPT_TOKEN=sk-a-good-key-1234\n`,
    });
  });
  beforeEach(() => model.control({ rules: [], latencyMilliseconds: 0 }));
  after(() => Promise.all([model.close(), place.remove()]));

  const rows = async (output: string | null): Promise<string[]> =>
    (await readFile(output ?? '', 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { n: string }).n);
  const all = Array.from({ length: RECORDS }, (_, index) => `q${index}.`);

  it('shows failed records by cause and in full, retries those that are asked for, and the rest with a mended pipeline', async () => {
    model.control({ rules: [{ match: '^Look .* q(4|7|13)\\.', behaviour: 400 }] });
    const first = await place.syngraph(['run', 'quiz', '--json', '--run-id', 'night']);
    assert.equal(first.exitCode, 3, first.errors);
    const list = await place.syngraph(['failed', 'night', '--json', '--limit', '5']);
    const { groups } = JSON.parse(list.output) as { groups: { node: string; code: string; count: number; records: { id: string }[] }[] };
    assert.deepEqual(groups.map(({ node, code, count }) => [node, code, count]), [['ask', 'MODEL_REJECTED', 3]]);
    const ids = groups[0]!.records.map(({ id }) => id);

    const shown = await place.syngraph(['failed', 'night', '--show', ids[0]!]);
    assert.equal(shown.exitCode, 0, shown.errors);
    assert.match(shown.output, /failed in ask with MODEL_REJECTED after 1 attempt\n\nerror\n.*400.*\n\ninput\n\{\n {2}"n": "q4\."\n\}\n\nprompt\n\[user\]\nLook at .* q4\./s);
    assert.doesNotMatch(shown.output + (await readFile(last(first.output).failedRecords!, 'utf8')), /abcdefgh1234/);
    model.control({ rules: [] });
    model.reset();
    const one = await place.syngraph(['retry', 'night', '--ids', ids[0]!, '--json']);
    assert.equal(one.exitCode, 3, one.errors);
    assert.match(one.errors, /quiz\/night now has 28 of 30 records in its output; 2 still fail\.\n[^]*try them again: +syngraph retry night/);
    assert.equal(model.stats().calls, 1);
    assert.equal((await rows(last(first.output).output)).length, RECORDS - 2);
    const none = await place.syngraph(['retry', 'night', '--ids', ids[0]!, 'nobody']);
    assert.match(none.errors, /no failed record of quiz\/night has the id \S+, nobody/);

    model.control({ rules: [{ match: '^Look', behaviour: 400 }] });
    const rest = await place.syngraph(['retry', 'night', '--plan', 'quiz/mended.yaml']);
    assert.equal(rest.exitCode, 0, rest.errors);
    assert.match(rest.output, /quiz\/night~retry-2.* done: 2 of 2 records/);
    assert.match(rest.output, /quiz\/night now has 30 of 30 records in its output; none fails any more\./);
    assert.deepEqual(await rows(last(first.output).output), all);
    const clean = await place.syngraph(['failed', 'night']);
    assert.match(clean.output, /quiz\/night has no failed records/);
  });

  it('says why records that depend on others are not tried again by themselves, and how they are', async () => {
    const graph = questions(1)['quiz/graph_config.yaml']!;
    await place.write({
      'unlike/graph_config.yaml': graph
        .replace('  edges:', '    rest: { node_type: deduplicate, field: n, method: exact }\n  edges:')
        .replace('{ from: ask, to: END }', '{ from: ask, to: rest }\n    - { from: rest, to: END }'),
      'unlike/in.jsonl': questions(5)['quiz/in.jsonl']!,
    });
    model.control({ rules: [{ match: 'q2\\.', behaviour: 400 }] });
    const first = await place.syngraph(['run', 'unlike', '--run-id', 'apart', '--seed', '9']);
    assert.equal(first.exitCode, 3, first.errors);
    assert.match(first.output, /try them again: +syngraph run unlike --seed 9 \(answers are reused/);
    assert.match((await place.syngraph(['failed', 'apart'])).output, /try them again: syngraph run unlike --seed 9/);
    const refused = await place.syngraph(['retry', 'apart']);
    assert.deepEqual([refused.exitCode, refused.output], [2, '']);
    assert.match(refused.errors, /cannot be tried again by themselves: rest compares records with each other.*\n.*syngraph run unlike --seed 9\. Answers/);
    model.control({ rules: [] });
    model.reset();
    assert.equal((await place.syngraph(['run', 'unlike', '--seed', '9'])).exitCode, 0);
    assert.equal(model.stats().calls, 1);
  });

  it('goes on with a retry that was killed, and begins no other beside it', async () => {
    model.control({ rules: [{ match: 'q\\d*[05]\\.', behaviour: 400 }] });
    const first = await place.syngraph(['run', 'quiz', '--json', '--run-id', 'killed', '--seed', '5']);
    assert.equal(last(first.output).counts.failed, 6);
    // One at a time, so that some are answered and some are not when it is killed.
    model.control({ rules: [], latencyMilliseconds: 400 });
    model.reset();
    const running = place.start(['retry', 'killed', '--concurrency', '1', '--batch-size', '3']);
    const ended = running.ended.then(({ errors }) => assert.fail(`it ended by itself: ${errors}`), () => undefined);
    while (model.stats().calls < 3) await Promise.race([sleep(20), ended]);
    running.child.kill('SIGKILL');
    await running.ended;
    const second = await place.syngraph(['retry', 'killed']);
    assert.equal(second.exitCode, 2);
    assert.match(second.errors, /the retry quiz\/killed~retry-1 has not ended/);
    model.control({ latencyMilliseconds: 0 });
    const resumed = await place.syngraph(['run', 'quiz', '--resume', 'killed~retry-1']);
    assert.equal(resumed.exitCode, 0, resumed.errors);
    assert.deepEqual(await rows(last(first.output).output), all);
    assert.ok(model.stats().calls <= 6 + 1, `${model.stats().calls} calls`);
  });
});
