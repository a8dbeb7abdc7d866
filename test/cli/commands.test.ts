import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createWorkplace, questions, type Workplace } from './workplace.ts';

describe('syngraph, without a server', { concurrency: 2 }, () => {
  let place: Workplace;
  before(async () => {
    place = await createWorkplace();
    await place.write({
      ...questions(2),
      'broken/graph_config.yaml': 'graph_config:\n  nodes:\n    ask:\n      node_type: lllm\n  edges:\n    - { from: START, to: aks }\n',
    });
  });
  after(() => place.remove());

  it('reports all that is wrong with a pipeline, with places, and starts nothing', async () => {
    const { exitCode, errors } = await place.syngraph(['run', 'broken']);
    assert.equal(exitCode, 2);
    assert.match(errors, /graph_config\.yaml:4:\d+ error .*lllm/);
    assert.match(errors, /graph_config\.yaml:6:\d+ error .*aks/);
    assert.match(errors, /\^/);
    assert.equal(existsSync(join(place.folder, '.syngraph', 'runs')), false);
  });

  it('validates, for people and for machines', async () => {
    const [good, bad] = await Promise.all([place.syngraph(['validate', 'quiz']), place.syngraph(['validate', 'broken', '--json'])]);
    assert.equal(good.exitCode, 0);
    assert.match(good.output, /valid quiz: 1 nodes?, gpt/);
    assert.equal(bad.exitCode, 2);
    const answer = JSON.parse(bad.output) as { valid: boolean; diagnostics: unknown[] };
    assert.equal(answer.valid, false);
    assert.ok(answer.diagnostics.length >= 2);
  });

  it('prints the graph and the schema', async () => {
    const [graph, schema] = await Promise.all([place.syngraph(['graph', '-t', 'quiz']), place.syngraph(['schema'])]);
    assert.match(graph.output, /^flowchart TD\n/);
    assert.match((JSON.parse(schema.output) as { $schema: string }).$schema, /json-schema\.org/);
  });

  it('shows a plan without running it', async () => {
    const { exitCode, output } = await place.syngraph(['run', 'quiz', '--dry-run', '--num_records', '1'], { SYGRA_GPT_URL: 'http://user:hidden-word@127.0.0.1:9/v1' });
    assert.equal(exitCode, 0);
    assert.match(output, /ask +llm +gpt +answer +END/);
    assert.match(output, /records: +1\n/);
    assert.doesNotMatch(output, /hidden-word/);
  });

  it('makes a task folder that is valid, and never writes over one', async () => {
    const made = await place.syngraph(['init', 'new_task']);
    assert.equal(made.exitCode, 0);
    assert.match(await readFile(join(place.folder, 'new_task', 'graph_config.yaml'), 'utf8'), /^# yaml-language-server: \$schema=\.\/pipeline\.schema\.json/);
    const [again, valid] = await Promise.all([place.syngraph(['init', 'new_task']), place.syngraph(['validate', 'new_task'])]);
    assert.equal(again.exitCode, 2);
    assert.match(again.errors, /not empty/);
    assert.equal(valid.exitCode, 0, valid.errors);
  });

  it('suggests the nearest command and flag', async () => {
    const [command, flag] = await Promise.all([place.syngraph(['vaildate', 'quiz']), place.syngraph(['run', 'quiz', '--outptu', 'x'])]);
    assert.equal(command.exitCode, 2);
    assert.match(command.errors, /Did you mean validate\?/);
    assert.equal(flag.exitCode, 2);
    assert.match(flag.errors, /Did you mean --output\?/);
  });

  it('tells mistakes of usage without a stack trace', async () => {
    const cases: [string[], RegExp][] = [
      [['run'], /no task is named/],
      [['validate', 'qiuz'], /\[TASK_NOT_FOUND\]/],
      [['run', 'quiz', '--num-records', 'many'], /whole number/],
      [['run', 'quiz', '--num-records', 'many'], /syngraph run --help/],
      [['schedule', 'create', 'quiz'], /--cron.*\n.*syngraph schedule create --help/],
      [['run', 'quiz', '--deadline', '2020-01-01T00:00:00Z'], /past: 2020-01-01T00:00:00/],
      [['run', 'quiz', '--output', 'quiz/in.jsonl'], /quiz\/in\.jsonl is the source of the run/],
      [['run', 'quiz', '--run-id', '../up'], /cannot be a run id/],
      [['status', 'nothing'], /\[RUN_NOT_FOUND\]/],
    ];
    await Promise.all(
      cases.map(async ([words, expected]) => {
        const { exitCode, errors } = await place.syngraph(words);
        assert.equal(exitCode, 2, words.join(' '));
        assert.match(errors, expected);
        assert.doesNotMatch(errors, /\n\s+at /);
      }),
    );
  });

  it('ends at once where the folder of the store cannot be made', { skip: process.platform !== 'linux' }, async () => {
    const { exitCode, errors } = await place.syngraph(['run', 'quiz', '--store', '/proc/syngraph-store']);
    assert.equal(exitCode, 1);
    assert.match(errors, /error The store \/proc\/syngraph-store cannot be used: .*\[STORE_INVALID\]/);
  });

  it('answers --json with an error object', async () => {
    const { output } = await place.syngraph(['status', 'nothing', '--json']);
    assert.equal((JSON.parse(output) as { error: { code: string } }).error.code, 'RUN_NOT_FOUND');
  });
});
