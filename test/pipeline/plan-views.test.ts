import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pipelineJsonSchema } from '../../pipeline/json-schema.ts';
import { renderMermaid } from '../../pipeline/mermaid.ts';
import { nearestName } from '../../pipeline/nearest-name.ts';
import { canonicalJson, planHash } from '../../pipeline/plan-hash.ts';
import { compilePlan, graphOf } from './compile-text.ts';

const TEXT = graphOf({ 'a "b"]': '', c: '' }, ['START>"a \\"b\\"]"', '"a \\"b\\"]">c', 'c>again=c, done=END']).replace(
  'a "b"]:',
  '"a \\"b\\"]":',
);

describe('a plan', () => {
  it('has the same hash whatever the order of its keys, and another one for other content', () => {
    const plan = compilePlan(TEXT);
    const reversed = Object.fromEntries(Object.entries(plan).reverse()) as unknown as typeof plan;
    assert.match(planHash(plan), /^[0-9a-f]{64}$/);
    assert.equal(planHash(reversed), planHash(plan));
    assert.notEqual(planHash({ ...plan, pipeline: 'other' }), planHash(plan));
  });

  it('is drawn as a Mermaid flowchart, with names that cannot break out of their labels', () => {
    assert.equal(
      renderMermaid(compilePlan(TEXT)),
      `flowchart TD
  START([START])
  n0[["a #34;b#34;#93;<br/><small>lambda</small>"]]
  n1[["c<br/><small>lambda</small>"]]
  END_([END])
  START --> n0
  n0 --> n1
  n1 -. "again" .-> n1
  n1 -. "done" .-> END_
`,
    );
  });
});

describe('canonical JSON', () => {
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value))),
      ),
    );
  });
});

describe('the JSON Schema of the pipeline file', () => {
  it('names the sections and the node types, and allows nothing else but x- keys', () => {
    const schema = pipelineJsonSchema();
    assert.deepEqual(Object.keys(schema['properties'] as object), [
      'data_config',
      'graph_config',
      'output_config',
      'schema_config',
      'graph_post_process',
      'target',
      'helpers',
    ]);
    assert.equal(schema['additionalProperties'], false);
    const text = JSON.stringify(schema);
    for (const word of [
      'weighted_sampler',
      'lambda',
      'llm',
      'on_truncation',
      'max_visits',
      'on_bad_record',
      'path_map',
    ])
      assert.ok(text.includes(word), word);
  });
});

describe('the nearest name', () => {
  it('is the one that was meant, or none', () => {
    const names = ['weighted_sampler', 'lambda', 'llm', 'END'];
    const cases: [string, string | null][] = [
      ['lamda', 'lambda'],
      ['lml', 'llm'],
      ['LLM', 'llm'],
      ['weigthed_sampler', 'weighted_sampler'],
      ['agent', null],
      ['x'.repeat(100_000), null],
      ['EN', 'END'],
    ];
    for (const [wrong, meant] of cases) assert.equal(nearestName(wrong, names), meant);
  });
});
