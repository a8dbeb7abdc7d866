import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createFunctionHost } from '../../../../activities/functions/create-function-host.ts';
import type { FunctionHost, FunctionOutcome } from '../../../../activities/functions/function-host.ts';
import type { UserOutput } from '../../../../activities/functions/pending-call.ts';
import { KIND_METHOD } from '../../../../activities/functions/thread-protocol.ts';
import type { JsonValue } from '../../../../pipeline/json.ts';
import { CODE, SHARED } from './helper-code.ts';
import { makePythonTask, type PythonTask } from './python-task.ts';

describe('the function host with Python', () => {
  let made: PythonTask;
  let host: FunctionHost;
  const output: UserOutput[] = [];
  before(async () => {
    const files = { 'task_executor.py': CODE, 'shared.py': SHARED, 'words.txt': 'two words', 'broken.py': 'def (', '__init__.py': '' };
    made = await makePythonTask(Object.fromEntries(Object.entries(files).map(([name, text]) => [`tasks/demo/${name}`, text])));
    host = createFunctionHost({ pythonProcesses: 2, pythonMemoryMegabytes: 600, onOutput: (text) => output.push(text) });
  });
  after(async () => {
    await host.close();
    await made.task.remove();
  });

  async function callAll(name: string, argumentLists: JsonValue[][], more: { method?: string; timeLimitMilliseconds?: number; seed?: number } = {}): Promise<FunctionOutcome[]> {
    return host.callEach({ bundlePath: '', python: made.code, function: `task_executor.py#${name}`, ...more }, argumentLists);
  }
  async function callOne(name: string, argumentList: JsonValue[], method?: string): Promise<JsonValue> {
    const [outcome] = await callAll(name, [argumentList], method === undefined ? {} : { method });
    assert.ok(outcome?.ok, JSON.stringify(outcome));
    return outcome.value;
  }
  async function failure(name: string, argumentList: JsonValue[]): Promise<Extract<FunctionOutcome, { ok: false }>> {
    const [outcome] = await callAll(name, [argumentList]);
    assert.ok(outcome?.ok === false);
    return outcome;
  }
  const one = { role: 'user', content: 'one' };
  const two = { role: 'assistant', content: 'two' };

  it('settles thousands of calls in the order of their arguments', async () => {
    const outcomes = await callAll('double', Array.from({ length: 5_000 }, (_, index) => [index]));
    assert.ok(outcomes.every((outcome, index) => outcome.ok && outcome.value === 2 * index));
  });

  it('calls conditions without self, with messages as objects', async () => {
    assert.equal(await callOne('Condition', [{ messages: [one] }]), 'human');
    assert.equal(await callOne('Condition', [{ messages: [one, two] }]), '__end__');
  });

  it('hands a prepared state back with messages as the state has them', async () => {
    const swapped = [{ role: 'assistant', content: 'one' }, { role: 'user', content: 'two' }];
    assert.deepEqual(await callOne('Swap', [{ messages: [one, two], text: 'x' }]), { messages: swapped, text: 'x', seen: true });
  });

  it('adds messages of a post-processor to those of the state', async () => {
    const answer = { role: 'assistant', content: 'new', tool_calls: [] };
    const expected = { messages: [one, { role: 'user', content: 'new' }], direct: 'new' };
    assert.deepEqual(await callOne('Read', [answer, { messages: [one] }]), expected);
  });

  it('gives post-processors the state where they take it, whatever their base class', async () => {
    const answer = { role: 'assistant', content: 'new', tool_calls: [] };
    assert.deepEqual(await callOne('ReadWithState', [answer, { suffix: '!' }]), { suffix: '!', answer: 'new!' });
    assert.deepEqual(await callOne('Either', [answer, { suffix: '!' }]), { both: ['new', '!'] });
  });

  it('calls lambdas as functions of their class, as class methods and asynchronously', async () => {
    assert.deepEqual(await callOne('Step', [{ lambda: 'x', by: 2 }, { count: 1 }]), { count: 3 });
    assert.deepEqual(await callOne('ClassStep', [{ lambda: 'x' }, {}]), { name: 'ClassStep' });
    const seconds = [0.2, 0.1, 0.3].map((value) => [{ lambda: 'x' }, { seconds: value }]);
    assert.deepEqual((await callAll('Later', seconds)).map((outcome) => outcome.ok && outcome.value), [{ done: 0.2 }, { done: 0.1 }, { done: 0.3 }]);
  });

  it('gives output generators the messages as objects, and other lists as they are', async () => {
    const state = { messages: [one, two], plain: [{ role: 'user', content: 'a column' }] };
    assert.deepEqual(await callOne('Rows', [[one, two], state], 'build_talk'), [one, two, { role: 'user', content: 'dict' }]);
    assert.equal(await callOne('Rows', ['x', { plain: [] }], 'build_label'), 'label x');
  });

  it('gives what several models have answered with messages as objects', async () => {
    assert.deepEqual(await callOne('combine', [{ first: { messages: [two] }, second: { messages: [one] } }]), { first: 'ai', second: 'human' });
  });

  it('runs transformations of sources', async () => {
    assert.deepEqual(await callOne('Shout', [[{ text: 'a' }], { mark: '!' }], 'transform'), [{ text: 'A!' }]);
  });

  it('makes JSON of what has one obvious form, and refuses what would be distorted, with its place', async () => {
    assert.deepEqual(await callOne('answer', ['date']), { at: '2020-01-02T00:00:00' });
    assert.deepEqual(await callOne('answer', ['set']), [1, 3]);
    assert.equal(await callOne('answer', ['digits']), '1'.repeat(30));
    assert.deepEqual(await callOne('answer', ['message']), [{ role: 'assistant', content: 'hi' }]);
    assert.match((await failure('answer', ['nan'])).message, /nan at scores\[1\], which JSON cannot hold/);
    assert.match((await failure('answer', ['object'])).message, /an object at a\.b/);
    assert.match((await failure('answer', ['loop'])).message, /contains itself/);
    assert.match((await failure('answer', ['large'])).message, /1152921504606846976 at id/);
    assert.match((await failure('answer', ['keys'])).message, /key of type tuple/);
  });

  it('tells an exception with its traceback, whose paths are those of the task', async () => {
    const { code, message, stack } = await failure('failing', ['deep']);
    assert.equal(code, 'FUNCTION_FAILED');
    assert.equal(message, "KeyError: 'absent' (tasks/demo/shared.py:8)");
    assert.match(stack ?? '', /^Traceback \(most recent call last\):\n {2}File "tasks\/demo\/task_executor\.py", line \d+, in failing\n {4}shared\.fail\(\)/);
    assert.match(stack ?? '', /line 8, in fail\n {4}return \{\}\["absent"\]/);
    assert.match((await failure('failing', ['x'])).message, /^ValueError: bad record x \(tasks\/demo\/task_executor\.py:\d+\)$/);
    assert.match((await failure('failing', ['exit'])).message, /SystemExit: 3/);
    assert.match((await failure('absent', ['x'])).message, /has no attribute 'absent'/);
  });

  it('keeps what helpers and their programs print out of the answers', { timeout: 120_000 }, async () => {
    assert.equal(await callOne('chatty', ['x']), 'x');
    // Another pipe than that of the answers brings it.
    const printed = (): string => output.map(({ text }) => text).join('');
    while (!/to stdout x[\s\S]*from a program/.test(printed())) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('draws the same for the same call of the same run, in every process', async () => {
    const lists = [['a'], ['b']];
    const first = await callAll('draw', lists, { seed: 1 });
    const again = createFunctionHost({ pythonProcesses: 1 });
    const second = await again.callEach({ bundlePath: '', python: made.code, function: 'task_executor.py#draw', seed: 1 }, lists.toReversed());
    await again.close();
    assert.deepEqual(first, second.toReversed());
    assert.notDeepEqual(first[0], first[1]);
    assert.notDeepEqual(first, await callAll('draw', lists, { seed: 2 }));
  });

  it('tells helpers of the task, and lets them open files beside them and from the working directory', async () => {
    const folder = made.task.folder.split('/').at(-1) ?? '';
    assert.deepEqual(await callOne('settings', [folder]), ['tasks.demo', 3, '__end__', true, 'two words']);
  });

  it('runs the code of the plan, whatever the file says now', async () => {
    await made.task.write({ 'tasks/demo/shared.py': 'raise RuntimeError()' });
    const fresh = createFunctionHost({ pythonProcesses: 1 });
    const [outcome] = await fresh.callEach({ bundlePath: '', python: made.code, function: 'task_executor.py#Rows', method: 'build_label' }, [['x', {}]]);
    await fresh.close();
    assert.deepEqual(outcome, { ok: true, value: 'label x' });
  });

  for (const [name, cause] of [
    ['exit_hard', /exit_hard ended its process with exit code 9/],
    ['segfault', /segfault ended its process with signal SIGSEGV/],
  ] as const) {
    it(`fails alone the call that kills its process (${name})`, async () => {
      const outcomes = await callAll(name, Array.from({ length: 30 }, (_, index) => [index]));
      assert.deepEqual(outcomes.map((outcome, index) => outcome.ok || index), Array.from({ length: 30 }, (_, index) => (index === 7 ? 7 : true)));
      const [seventh] = outcomes.slice(7, 8);
      assert.ok(seventh?.ok === false && seventh.code === 'FUNCTION_CRASHED', JSON.stringify(seventh));
      assert.match(seventh.message, cause);
    });
  }

  for (const name of ['spin', 'spin_later', 'never']) {
    it(`ends a call that exceeds its time limit, and loses none of the others (${name})`, async () => {
      const outcomes = await callAll(name, Array.from({ length: 20 }, (_, index) => [index]), { timeLimitMilliseconds: 1_000 });
      assert.deepEqual(outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.code)), Array.from({ length: 20 }, (_, index) => (index === 7 ? 'FUNCTION_TIMED_OUT' : index)));
    });
  }

  it('fails the call that wants more memory than it may have', async () => {
    const outcomes = await callAll('hungry', [[1], [7], [2]]);
    assert.deepEqual(outcomes.map((outcome) => outcome.ok), [true, false, true]);
    assert.match(outcomes[1]?.ok === false ? outcomes[1].message : '', /MemoryError/);
  });

  it('survives the death of a process from outside', async () => {
    const killed = callAll('process', Array.from({ length: 8 }, () => [0]));
    const [pid] = await callAll('process', [[0]]);
    assert.ok(pid?.ok);
    process.kill(Number(pid.value), 'SIGKILL');
    assert.ok((await killed).every((outcome) => outcome.ok));
  });

  for (const [what, code, expected] of [
    ['raises', 'value = [][1]\n', { code: 'FUNCTION_FAILED', message: /^IndexError: list index out of range \(tasks\/demo\/task_executor\.py:1\)$/ }],
    ['ends the process', 'import os\nos._exit(4)\n', { code: 'FUNCTION_FAILED', message: /^The task's code cannot be loaded: ended its process with exit code 4$/ }],
  ] as const) {
    it(`fails every call of a module that ${what} when it is imported`, async () => {
      const broken = await makePythonTask({ 'tasks/demo/task_executor.py': code });
      const outcomes = await host.callEach({ bundlePath: '', python: broken.code, function: 'task_executor.py#absent' }, [[1], [2]]);
      await broken.task.remove();
      for (const outcome of outcomes) {
        assert.ok(!outcome.ok);
        assert.equal(outcome.code, expected.code);
        assert.match(outcome.message, expected.message);
      }
    });
  }

  it('tries again when a process is killed while it loads', async () => {
    const code = `import os, signal\nmark = os.path.join(os.path.dirname(__file__), "killed")\nif not os.path.exists(mark):\n    open(mark, "w").close()\n    os.kill(os.getpid(), signal.SIGKILL)\ndef one(x):\n    return x\n`;
    const killed = await makePythonTask({ 'tasks/demo/task_executor.py': code });
    const outcomes = await host.callEach({ bundlePath: '', python: killed.code, function: 'task_executor.py#one' }, [[1], [2]]);
    await killed.task.remove();
    assert.deepEqual(outcomes, [{ ok: true, value: 1 }, { ok: true, value: 2 }]);
  });

  it('tells what kind of thing an export is', async () => {
    assert.equal(await callOne('double', [], KIND_METHOD), 'function');
    assert.equal(await callOne('Step', [], KIND_METHOD), 'class');
    assert.equal(await callOne('END', [], KIND_METHOD), null);
  });
});
