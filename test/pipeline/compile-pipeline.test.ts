import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LlmNodePlan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE, summaries } from './compile-text.ts';

const GRAPH = `graph_config:
  nodes:
    ask: {node_type: llm, model: gpt, prompt: [{user: "{text}"}], output_keys: answer}
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`;
const withSource = (settings: string): string =>
  `data_config:\n  source: {type: disk, file_path: input.jsonl, ${settings}}\n${GRAPH}`;

describe('a compiled source', () => {
  it('has an absolute path, a format from its name and defaults', () => {
    assert.deepEqual(compilePlan(SOURCE + GRAPH).source, {
      type: 'disk',
      path: '/data/input.jsonl',
      format: 'jsonl',
      encoding: 'utf-8',
      transformations: [],
      onBadRecord: 'stop',
    });
    assert.deepEqual(summaries(compileText(SOURCE.replace('input.jsonl', 'input.txt') + GRAPH).diagnostics), [
      'MISSING_KEY 2:35',
    ]);
    assert.deepEqual(summaries(compileText(withSource('encoding: utf8000')).diagnostics), ['WRONG_VALUE 2:58']);
  });

  it('is none for a pipeline without source, which has no columns', () => {
    assert.equal(compilePlan(GRAPH.replace('{text}', 'Say something.')).source, null);
    assert.deepEqual(summaries(compileText(GRAPH).diagnostics), ['UNKNOWN_VARIABLE 3:56']);
  });

  it("of the Hub keeps splits and the name of the token's variable", () => {
    const plan = compilePlan(
      `data_config: {id_column: id, source: {type: hf, repo_id: a/b, split: train, token: $TOKEN, on_bad_record: skip}, sink: [{type: hf, repo_id: c/d}, {type: csv, file_path: out.csv}]}\n${GRAPH}`,
    );
    assert.deepEqual(plan.source, {
      type: 'hf',
      repoId: 'a/b',
      configName: null,
      splits: ['train'],
      streaming: false,
      tokenVariable: 'TOKEN',
      transformations: [],
      onBadRecord: 'skip',
    });
    assert.deepEqual(plan.sinks, [
      { type: 'hf', alias: null, repoId: 'c/d', configName: null, split: 'train', private: true, tokenVariable: null },
      { type: 'file', alias: null, path: 'out.csv', format: 'csv', encoding: 'utf-8' },
    ]);
    assert.equal(plan.idColumn, 'id');
  });

  it('has its transformations in every spelling', () => {
    const plan = compilePlan(`data_config:
  source:
    type: disk
    file_path: input.jsonl
    transformations:
      - {transform: sygra.processors.data_transform.RenameFieldsTransform, params: {mapping: {text: body}}}
      - {transform: rename_fields, params: {mapping: {body: text}, overwrite: true}}
      - {transform: AddNewField, params: {mapping: {tags: [], rank: 1}}}
      - {transform: sygra.processors.data_transform.SkipRecords, params: {skip_type: range, range: "[:10],[-10:]"}}
      - {transform: skip_records, params: {count: {from_start: 3}}}
      - {transform: CombineRecords, params: {skip: {from_beginning: 1}, combine: 2, join_column: {text: "$1-$2"}}}
      - {transform: filter, params: {function: "./functions.ts#isLong", params: {least: 3}}}
      - {transform: tasks.demo.functions.change, params: {a: 1}}
${GRAPH}`);
    assert.deepEqual(plan.source?.transformations, [
      { kind: 'rename_fields', mapping: { text: 'body' }, overwrite: false },
      { kind: 'rename_fields', mapping: { body: 'text' }, overwrite: true },
      { kind: 'add_new_field', mapping: { tags: [], rank: 1 } },
      {
        kind: 'skip_records',
        ranges: [
          { from: null, to: 10 },
          { from: -10, to: null },
        ],
      },
      { kind: 'skip_records', count: { fromStart: 3, fromEnd: 0 } },
      {
        kind: 'combine_records',
        skip: { fromBeginning: 1, fromEnd: 0 },
        combine: 2,
        shift: 1,
        joinColumn: { text: '$1-$2' },
      },
      { kind: 'filter', function: 'functions.ts#isLong', params: { least: 3 } },
      { kind: 'user', function: 'functions.ts#change', params: { a: 1 } },
    ]);
  });

  it('passes its columns through the transformations', () => {
    const renamed = withSource('transformations: [{transform: rename_fields, params: {mapping: {text: body}}}]');
    assert.deepEqual(summaries(compileText(renamed).diagnostics), ['UNKNOWN_VARIABLE 5:56']);
    assert.deepEqual(compileText(renamed.replace('{text}', '{body}')).diagnostics, []);
    const added = withSource('transformations: [{transform: add_new_field, params: {mapping: {mood: good}}}]').replace(
      '{text}',
      '{mood}',
    );
    assert.deepEqual(compileText(added).diagnostics, []);
  });

  it('refuses transformations that do not exist, or whose params are wrong', () => {
    const cases: [string, string][] = [
      ['{transform: rename_field, params: {mapping: {}}}', 'WRONG_VALUE 2:78'],
      ['{transform: create_image_url}', 'IGNORED_KEY 2:78'],
      ['{transform: rename_fields, params: {maping: {}}}', 'UNKNOWN_KEY 2:102'],
      ['{transform: skip_records, params: {range: "10-20"}}', 'WRONG_VALUE 2:108'],
      ['{transform: combine_records, params: {combine: 0}}', 'WRONG_VALUE 2:113'],
      ['{transform: filter, params: {function: "./functions.ts#Row"}}', 'WRONG_EXPORT 2:105'],
    ];
    for (const [transformation, place] of cases) {
      assert.deepEqual(
        summaries(compileText(withSource(`transformations: [${transformation}]`)).diagnostics),
        [place],
        transformation,
      );
    }
  });
});

describe('compiled nodes', () => {
  it('of a sampler draw from lists and from columns of a source', () => {
    const text = (column: string): string => `graph_config:
  nodes:
    pick: {node_type: weighted_sampler, attributes: {tone: {values: [a, 2], weights: [1, 0]}, who: {values: {column: ${column}, source: {type: disk, file_path: who.jsonl}}}}}
  edges: [{from: START, to: pick}, {from: pick, to: END}]
`;
    const [node] = compilePlan(text('text')).nodes;
    assert.deepEqual(node?.writes, ['tone', 'who']);
    assert.deepEqual(node.kind === 'weighted_sampler' && node.attributes, [
      { name: 'tone', values: ['a', 2], weights: [1, 0] },
      {
        name: 'who',
        values: {
          columns: ['text'],
          source: {
            type: 'disk',
            path: '/data/input.jsonl',
            format: 'jsonl',
            encoding: 'utf-8',
            transformations: [],
            onBadRecord: 'stop',
          },
        },
      },
    ]);
    assert.deepEqual(summaries(compileText(text('txt')).diagnostics), ['UNKNOWN_COLUMN 3:118']);
  });

  it('of a model have their defaults, and parts of a message as lines', () => {
    const text = GRAPH.replace(
      '[{user: "{text}"}]',
      '[{system: Be brief.}, {user: [{type: text, text: "{{a}}"}, {type: text, text: "{text}"}]}, {assistant: "{text}!"}]',
    ).replace(', output_keys: answer', '');
    const { route, ...node } = compilePlan(SOURCE + text).nodes[0] as LlmNodePlan;
    assert.deepEqual(route, { always: [-1], conditions: [] });
    assert.deepEqual(node, {
      kind: 'llm',
      name: 'ask',
      writes: ['messages'],
      model: 'gpt',
      parameters: {},
      inputKey: 'messages',
      outputKeys: ['messages'],
      outputRole: 'assistant',
      preProcess: null,
      postProcess: null,
      onTruncation: 'fail',
      onEmpty: 'fail',
      chat: null,
      structuredOutput: null,
      answerProcess: null,
      tools: [],
      toolChoice: null,
      samples: { count: 1, as: 'list' },
      reasoningKey: null,
      prompt: [
        { role: 'system', template: ['Be brief.'] },
        { role: 'user', template: ['{a}', '\n', { variable: 'text' }] },
        { role: 'assistant', template: [{ variable: 'text' }, '!'] },
      ],
    });
  });

  it('of a lambda hand their whole configuration on', () => {
    const text = `${SOURCE}graph_config:
  nodes:
    do: {node_type: lambda, lambda: tasks.demo.functions.Condition, output_keys: [a, b], depth: {of: 3}}
  edges: [{from: START, to: do}, {from: do, to: END}]
`;
    const { plan, functions } = compileText(text);
    const node = plan?.nodes[0];
    assert.deepEqual(node?.kind === 'lambda' && node.config, {
      node_type: 'lambda',
      lambda: 'tasks.demo.functions.Condition',
      output_keys: ['a', 'b'],
      depth: { of: 3 },
    });
    assert.deepEqual(functions, [
      {
        reference: 'functions.ts#Condition',
        specifier: 'tasks.demo.functions',
        exportName: 'Condition',
        file: '/tasks/demo/functions.ts',
      },
    ]);
  });

  it('refuse prompts with stray braces at their place', () => {
    const json = GRAPH.replace('"{text}"', '\'Answer as {"a": "{text}"}\'');
    assert.deepEqual(summaries(compileText(SOURCE + json).diagnostics), ['BAD_TEMPLATE 5:66', 'BAD_TEMPLATE 5:80']);
  });

  it('refuse exports of the wrong kind and classes without the method', () => {
    const lambda = (name: string): string =>
      `${SOURCE}graph_config:\n  nodes:\n    do: {node_type: lambda, lambda: "./functions.ts#${name}"}\n  edges: [{from: START, to: do}, {from: do, to: END}]\n`;
    for (const name of ['Row', 'Generator'])
      assert.deepEqual(summaries(compileText(lambda(name)).diagnostics), ['WRONG_EXPORT 5:37']);
    for (const name of ['mystery', 'Condition', 'change']) assert.deepEqual(compileText(lambda(name)).diagnostics, []);
    assert.deepEqual(summaries(compileText(lambda('x').replace('./functions.ts#x', 'change')).diagnostics), [
      'WRONG_VALUE 5:37',
    ]);
  });
});

describe('a compiled output', () => {
  const withOutput = (output: string): string => `${SOURCE}${GRAPH}${output}`;

  it('is the whole state where the pipeline says nothing', () => {
    assert.deepEqual(compilePlan(withOutput('')).output, { fields: null, generator: null, customGenerate: false });
  });

  it('maps fields in their order, with $-paths into the configuration resolved', () => {
    const plan = compilePlan(
      withOutput(`output_config:
  generator: ./functions.ts#Generator
  output_map:
    id: {from: id}
    answer: {from: answer, transform: tidy}
    meta: {value: {file: $data_config.source.file_path, list: ["$graph_config.edges[0].from", $5, "$graph_config.nodes.ask.model"], author: null}}
    none: {value: null}
`),
    );
    assert.deepEqual(plan.output, {
      fields: [
        { field: 'id', from: 'id' },
        { field: 'answer', from: 'answer', transform: 'tidy' },
        { field: 'meta', value: { file: 'input.jsonl', list: ['START', '$5', 'gpt'], author: null } },
        { field: 'none', value: null },
      ],
      generator: 'functions.ts#Generator',
      customGenerate: false,
    });
  });

  it('is made by generate() where the generator has one', () => {
    assert.equal(
      compilePlan(withOutput('output_config: {generator: "./functions.ts#Writer"}\n')).output.customGenerate,
      true,
    );
    assert.deepEqual(
      summaries(compileText(withOutput('output_config: {generator: "./functions.ts#Generator"}\n')).diagnostics),
      ['WRONG_EXPORT 7:28'],
    );
  });

  it('refuses paths, transforms and fields that lead nowhere', () => {
    const { diagnostics } = compileText(
      withOutput(`output_config:
  output_map:
    a: {value: $data_config.source.file_pth}
    b: {from: answer, transform: tidy}
    c: {}
    d: {from: anser}
`),
    );
    assert.deepEqual(summaries(diagnostics), [
      'BAD_CONFIGURATION_PATH 9:16',
      'MISSING_KEY 10:34',
      'MISSING_KEY 11:5',
      'UNKNOWN_VARIABLE 12:15',
    ]);
    assert.deepEqual(diagnostics.map(({ hint }) => hint).slice(0, 1), ['Did you mean "file_path"?']);
    assert.equal(diagnostics.at(-1)?.severity, 'warning');
  });
});

describe('a compiled schema', () => {
  const withSchema = (schema: string): string =>
    `${SOURCE}${GRAPH}output_config: {output_map: {a: {from: answer}, n: {value: 1}}}\nschema_config:\n  ${schema}\n`;

  it('has types and rules, or is a zod schema of the task', () => {
    assert.deepEqual(
      compilePlan(
        withSchema(
          'fields: [{name: a, type: "list[str]", min_length: 1, enum: [[x]]}, {name: n, type: int, is_greater_than: 0, is_equal_to: 1, optional: true}]',
        ),
      ).schema,
      {
        kind: 'fields',
        fields: [
          {
            name: 'a',
            type: { kind: 'list', item: { kind: 'str' } },
            rules: [
              { rule: 'min_length', value: 1 },
              { rule: 'enum', value: [['x']] },
            ],
            optional: false,
          },
          {
            name: 'n',
            type: { kind: 'int' },
            rules: [
              { rule: 'is_greater_than', value: 0 },
              { rule: 'is_equal_to', value: 1 },
            ],
            optional: true,
          },
        ],
      },
    );
    assert.deepEqual(compilePlan(withSchema('schema: ./functions.ts#Row')).schema, {
      kind: 'function',
      function: 'functions.ts#Row',
    });
  });

  it('refuses types, expressions and fields that cannot be', () => {
    const cases: [string, string][] = [
      ['fields: [{name: a, type: lisr}]', 'BAD_SCHEMA 9:28'],
      ['fields: [{name: a, type: str, regex: "("}]', 'BAD_SCHEMA 9:40'],
      ['fields: [{name: z, type: str}]', 'BAD_SCHEMA 9:19'],
      ['fields: [{name: a, type: str, min_length: 3, max_length: 2}]', 'BAD_SCHEMA 9:60'],
      ['schema: ./functions.ts#change', 'WRONG_EXPORT 9:11'],
      ['fields: [{name: a, type: str, is_grater_than: 2}]', 'UNKNOWN_KEY 9:33'],
    ];
    for (const [schema, place] of cases)
      assert.deepEqual(summaries(compileText(withSchema(schema)).diagnostics), [place], schema);
  });
});
