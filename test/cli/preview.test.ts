import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { createWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
before(async () => {
  place = await createWorkplace();
  await place.write({
    'survey/graph_config.yaml': `data_config:
  source: { type: disk, file_path: in.jsonl }
  id_column: n
graph_config:
  nodes:
    each: { node_type: fan_out, items: parts, as: part }
    inner: { node_type: subgraph, subgraph: ./inner }
    same: { node_type: deduplicate, field: part, method: exact }
    check: { node_type: human_review }
  edges:
    - { from: START, to: each }
    - { from: each, to: inner }
    - { from: inner, to: same }
    - { from: same, to: check }
    - { from: check, to: END }
`,
    'survey/inner/graph_config.yaml': `graph_config:
  nodes:
    ask: { node_type: llm, model: m, prompt: [{ user: "About {part}" }], output_keys: answer }
  edges:
    - { from: START, to: ask }
    - { from: ask, to: END }
`,
    'survey/in.jsonl': '{"n": "a", "parts": ["x", "y"]}\n{"n": "b", "parts": ["x"]}\n',
  });
});
after(() => place.remove());

it('preview follows records through splits, subgraphs and sets, and approves what waits for a human', async () => {
  const { exitCode, output, errors } = await place.syngraph(['preview', 'survey']);
  assert.equal(exitCode, 0, errors);
  const steps = output.split('\n').filter((line) => /^ {2}\S+ \S+|filtered|becomes|user:/.test(line) && !line.includes('parts:'));
  assert.deepEqual(
    steps.map((line) => line.trim()),
    [
      'n: a', 'each fan_out', 'becomes 2 records',
      'inner/ask llm of a:0', 'user: About x', 'inner/ask llm of a:1', 'user: About y',
      'same deduplicate (run) of a:0', 'same deduplicate (run) of a:1', 'check human_review of a:0', 'check human_review of a:1',
      'n: b', 'each fan_out', 'becomes 1 record', 'inner/ask llm of b:0', 'user: About x', 'same deduplicate (run) of b:0', 'filtered',
    ],
    output,
  );
});
