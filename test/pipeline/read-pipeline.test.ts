import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readPipeline } from '../../pipeline/read-pipeline.ts';
import { compileText, compilePlan, graphOf, SOURCE, summaries } from './compile-text.ts';

const read = (content: Uint8Array | string) =>
  readPipeline({
    file: 'p.yaml',
    content: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    taskFolder: '/t',
  });

const LLM = `${SOURCE}graph_config:
  nodes:
    ask: {node_type: llm, model: gpt, prompt: [{user: "{text}"}]}
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`;

describe('reading a pipeline', () => {
  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => Array.isArray(read(bytes).diagnostics)),
      { numRuns: 200 },
    );
  });

  it('never throws on a pipeline that was cut, doubled or scrambled anywhere, nor does compiling it', () => {
    const sound =
      graphOf({ a: 'output_keys: [x]', b: '' }, ['START>a', 'a>b', 'b>done=END, again=a']) +
      'output_config: {output_map: {x: {from: x}}}\n';
    const scraps = fc.constantFrom(
      '',
      '{',
      '[',
      '}',
      ']',
      '- ',
      ': ',
      '*a',
      '&a ',
      '<<: ',
      '? ',
      '|',
      '"',
      "'",
      '\n',
      '\t',
      '!!',
      '%',
      '#',
      'null',
      '0',
      '~',
      '{{',
      '\u0000',
      '---\n',
    );
    const mutation = fc.tuple(fc.nat(sound.length), fc.nat(40), scraps);
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const text = mutations.reduce(
          (current, [at, length, scrap]) => current.slice(0, at) + scrap + current.slice(at + length),
          sound,
        );
        const { plan, diagnostics } = compileText(text);
        for (const { line, column } of diagnostics) assert.ok(line >= 1 && column >= 1);
        assert.ok(plan !== null || diagnostics.some(({ severity }) => severity === 'error'), text);
      }),
      { numRuns: 150 },
    );
  });

  it('never throws on values of any shape in the place of others', () => {
    const keys = fc.constantFrom(
      'data_config',
      'graph_config',
      'nodes',
      'edges',
      'source',
      'type',
      'a',
      'node_type',
      'prompt',
      'output_config',
      'output_map',
      'schema_config',
      'fields',
      'from',
      'to',
      '__proto__',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('START', 'llm', 'disk', 'a'),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(keys, value, { maxKeys: 5 }), (config) => {
        const { plan, diagnostics } = compileText(JSON.stringify(config));
        assert.ok(plan !== null || diagnostics.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 150 },
    );
  });

  it('refuses nesting that would exhaust the stack, and files beyond 1 MiB', () => {
    for (const text of ['['.repeat(100_000), `a: ${'['.repeat(200)}${']'.repeat(200)}\n`, 'a'.repeat(3_000_000)]) {
      const { parsed, diagnostics } = read(text);
      assert.equal(parsed, null);
      assert.equal(diagnostics[0]?.severity, 'error');
    }
  });

  it('takes a byte order mark, CRLF, merge keys and anchors under x-', () => {
    const text =
      `\ufeffx-model: &model\n  name: gpt\n  parameters: {temperature: 0}\n${LLM.replace('model: gpt', 'model: {<<: *model}')}`.replaceAll(
        '\n',
        '\r\n',
      );
    const plan = compilePlan(text);
    assert.deepEqual(plan.nodes[0]?.kind === 'llm' && plan.nodes[0].parameters, { temperature: 0 });
  });

  it('lists the modules and sources that it wants, the main source first', () => {
    const { wants } = read(`data_config:
  source:
    type: hf
    repo_id: org/set
    split: [train, test]
    token: $MY_TOKEN
    transformations:
      - {transform: filter, params: {function: "./functions.ts#isLong"}}
      - {transform: tasks.demo.functions.Clean}
graph_config:
  nodes:
    pick: {node_type: weighted_sampler, attributes: {who: {values: {column: persona, source: {type: disk, file_path: who.csv}}}}}
    do: {node_type: lambda, lambda: tasks.demo.functions.Do}
  edges: [{from: START, to: pick}, {from: pick, to: do}, {from: do, condition: "./functions.ts#route", path_map: {a: END}}]
output_config: {generator: tasks.demo.functions.Generator}
`);
    assert.deepEqual(wants, {
      modules: [
        { specifier: 'tasks.demo.functions', exports: ['Generator', 'Do', 'Clean'] },
        { specifier: './functions.ts', exports: ['route', 'isLong'] },
      ],
      sources: [
        { type: 'hf', repoId: 'org/set', configName: null, splits: ['train', 'test'], tokenVariable: 'MY_TOKEN' },
        { type: 'disk', filePath: 'who.csv', format: null, encoding: 'utf-8' },
      ],
    });
  });

  it('says what it does not support yet instead of leaving it out', () => {
    const text =
      LLM.replace('model: gpt', 'inject_system_messages: {3: Stop.}, model: gpt');
    assert.deepEqual(summaries(compileText(text).diagnostics), ['NOT_SUPPORTED_YET 5:27']);
  });

  it('passes over what is switched off anyway', () => {
    const off =
      LLM.replace('model: gpt', 'chat_history: false, tools: [], inject_system_messages: [], model: gpt') + 'output_config: {oasst_mapper: {required: "no"}}\n';
    assert.deepEqual(compileText(off).diagnostics, []);
  });

  it('takes output_key with a warning', () => {
    const { plan, diagnostics } = compileText(LLM.replace('model: gpt', 'output_key: answer, model: gpt'));
    assert.deepEqual(
      diagnostics.map(({ code, severity }) => [code, severity]),
      [['DEPRECATED_KEY', 'warning']],
    );
    assert.deepEqual(plan?.nodes[0]?.writes, ['answer']);
  });

  it('refuses a token in the file without repeating it', () => {
    const text =
      'data_config: {source: {type: hf, repo_id: a/b, token: hf_verysecret}}\n' +
      LLM.slice(LLM.indexOf('graph_config'));
    const { plan, diagnostics } = compileText(text);
    assert.equal(plan, null);
    assert.deepEqual(summaries(diagnostics), ['SECRET_IN_FILE 1:55']);
    assert.ok(!JSON.stringify(diagnostics).includes('verysecret'));
  });
});
