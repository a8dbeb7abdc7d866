import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createWorkplace, type Workplace } from './workplace.ts';

const YAML = `data_config:
  source:
    type: disk
    file_path: in.jsonl
    transformations: [{ transform: tasks.demo.task_executor.Clean }]
graph_config:
  nodes:
    ask:
      node_type: llm
      model: gpt
      prompt: [{ user: "{text}" }]
      pre_process: tasks.demo.task_executor.Before
      post_process: tasks.demo.task_executor.After
      output_keys: [answer, score]
    count:
      node_type: lambda
      lambda: tasks.demo.task_executor.Count
      output_keys: rounds
    act:
      node_type: agent
      model: gpt
      prompt: [{ user: "{answer}" }]
      tools: [tasks.demo.tools.add]
      output_keys: result
  edges:
    - { from: START, to: ask }
    - { from: ask, to: count }
    - from: count
      condition: tasks.demo.task_executor.IsDone
      path_map: { "yes": act, "no": ask }
    - { from: act, to: END }
output_config:
  generator: tasks.demo.task_executor.Rows
  output_map:
    text: { from: text, transform: tidy }
schema_config:
  schema: tasks.demo.task_executor.Row
`;
const NO_PYTHON = { SYNGRAPH_PYTHON: '/nonexistent/python' };

describe('syngraph compat', () => {
  let place: Workplace;
  before(async () => {
    place = await createWorkplace();
    await place.write({ 'tasks/demo/graph_config.yaml': YAML, 'tasks/demo/in.jsonl': '{"text": "one"}\n' });
  });
  after(() => place.remove());

  it('names the helpers that are missing, what each is used as, and fails as the task does not compile', async () => {
    const { exitCode, output } = await place.syngraph(['compat', 'tasks/demo'], NO_PYTHON);
    assert.equal(exitCode, 2);
    assert.match(output, /^compiles: no\n/);
    assert.match(output, /tasks\.demo\.task_executor\.IsDone +condition +missing +missing/);
    assert.match(output, /tasks\.demo\.tools\.add +tool +missing +missing/);
    assert.match(output, /Python helpers would not run here: The task's helpers are in Python, and no Python/);
  });

  it('writes skeletons of the right kinds with which the task compiles, and never over a file', async () => {
    const first = await place.syngraph(['compat', 'tasks/demo', '--write', '--json'], NO_PYTHON);
    const { written } = JSON.parse(first.output) as { written: string[] };
    assert.deepEqual(written.map((file) => file.slice(place.folder.length + 1)).sort(), ['tasks/demo/task_executor.ts', 'tasks/demo/tools.ts']);
    const code = await readFile(join(place.folder, 'tasks/demo/task_executor.ts'), 'utf8');
    for (const part of [
      'export class Clean implements DataTransform {\n  transform(rows: State[], params: State): State[] {',
      'export class Before implements NodePreProcessor {\n  apply(state: State): StateChange {',
      '/** ask.post_process; writes answer, score */\nexport class After implements NodePostProcessor {\n  apply(message: AnswerMessage, state: State): StateChange {',
      'export class Count implements LambdaFunction {\n  apply(config: object, state: State): StateChange {',
      "export class IsDone implements EdgeCondition {\n  apply(state: State): 'yes' | 'no' {",
      'export class Rows {\n  tidy(value: unknown, state: State): unknown {',
      'export const Row = z.object({});',
    ])
      assert.ok(code.includes(part), `${part}\nis not in\n${code}`);
    const second = await place.syngraph(['compat', 'tasks/demo', '--write'], NO_PYTHON);
    assert.equal(second.exitCode, 0, second.output + second.errors);
    assert.match(second.output, /^compiles: yes; nodes: 1 llm, 1 lambda, 1 agent; source: disk; models: gpt\n/);
    assert.match(second.output, /There is nothing to write\./);
    await place.write({ 'tasks/demo/tools.ts': 'export const other = () => 1;\n' });
    const third = await place.syngraph(['compat', 'tasks/demo', '--write'], NO_PYTHON);
    assert.match(third.output, /kept tasks\/demo\/tools\.ts, which still lacks add/);
    assert.equal(await readFile(join(place.folder, 'tasks/demo/tools.ts'), 'utf8'), 'export const other = () => 1;\n');
  });

  it('tells keys that are refused from those that are ignored', async () => {
    const yaml = `graph_config:
  nodes:
    ask: { node_type: llm, model: gpt, prompt: [{ user: hello }], output_key: answer, colour: red }
  edges: [{ from: START, to: ask }, { from: ask, to: END }]
`;
    await place.write({ 'tasks/plain/graph_config.yaml': yaml });
    const { exitCode, output } = await place.syngraph(['compat', 'tasks/plain'], NO_PYTHON);
    assert.equal(exitCode, 2);
    assert.match(output, /refused:\n {2}tasks\/plain\/graph_config\.yaml:3 an llm node has no key "colour"/);
    assert.match(output, /ignored or old:\n {2}tasks\/plain\/graph_config\.yaml:3 "output_key" is an old spelling/);
    assert.match(output, /helpers: none are named/);
  });

  it('says that nothing is wrong but a source on a Hub that cannot be reached', async () => {
    const away = YAML.replace(/type: disk\n {4}file_path: in.jsonl\n.*\n/, 'type: hf\n    repo_id: owner/name\n').replace(/nodes:[^]*/, 'nodes:\n    ask: { node_type: llm, model: gpt, prompt: [{ user: "{text}" }], output_keys: answer }\n  edges: [{ from: START, to: ask }, { from: ask, to: END }]\n');
    await place.write({ 'away/graph_config.yaml': away });
    const { exitCode, errors, output } = await place.syngraph(['compat', 'away'], { HF_ENDPOINT: 'http://127.0.0.1:9' });
    assert.equal(exitCode, 0, errors + output);
    assert.match(errors + output, /compiles: as far as can be told here; its source cannot be reached\n\ncould not be looked at:\n.*The Hub could not be reached/);
  });
});
