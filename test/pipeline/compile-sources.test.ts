import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SourceFact } from '../../pipeline/facts.ts';
import { compilePlan, compileText } from './compile-text.ts';

const GRAPH = `graph_config:
  nodes:
    ask: {node_type: lambda, lambda: "./functions.ts#change", output_keys: [answer]}
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`;

const PROMPT = `graph_config:
  nodes:
    ask: {node_type: llm, model: {name: gpt}, prompt: [{user: "{inc->text} {doc->question} {doc->wrong}"}]}
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`;

const MODELS = 'gpt: {model_type: openai, model: gpt}';

function joins(...sources: string[]): string {
  return `data_config:\n  source:\n${sources.map((source) => `    - {type: disk, file_path: input.jsonl, ${source}}\n`).join('')}`;
}

const PRIMARY = 'alias: inc, join_type: primary';

/** `CODE message`, of errors and warnings. */
function said(text: string, sources?: SourceFact[]): string[] {
  return compileText(text, { models: MODELS, ...(sources && { sources }) }).diagnostics.map(({ code, message }) => `${code} ${message}`);
}

describe('several sources', () => {
  it('become one plan with the primary source first', () => {
    const plan = compilePlan(`${joins('alias: doc, join_type: column, primary_key: text, join_key: id', PRIMARY, 'alias: r, join_type: random')}  id_column: id\n${GRAPH}`);
    assert.equal(plan.source?.type, 'joined');
    assert.deepEqual(plan.source.parts.map(({ alias, join }) => ({ alias, ...join })), [
      { alias: 'inc', kind: 'primary' },
      { alias: 'doc', kind: 'column', primaryKey: 'text', joinKey: 'id' },
      { alias: 'r', kind: 'random' },
    ]);
    assert.equal(plan.idColumn, 'inc->id');
  });

  it('give their columns to prompts with their aliases', () => {
    const diagnostics = said(`${joins(PRIMARY, 'alias: doc, join_type: cross')}${PROMPT}`);
    assert.deepEqual(diagnostics, ['UNKNOWN_VARIABLE Nothing provides {doc->wrong} to "ask": it is no column of the source, and no node before writes it']);
  });

  it('keep their columns without prefix when they are stacked, as far as all have them', () => {
    const fact = (columns: string[]): SourceFact => ({ status: 'found', resolvedPath: '/a', columns, sample: null });
    const text = `${joins('alias: a, join_type: vstack', 'alias: b, join_type: vstack')}  id_column: text\n${GRAPH}`;
    assert.deepEqual(said(text, [fact(['id', 'text']), fact(['text'])]), []);
    assert.match(said(text, [fact(['id']), fact(['text'])])[0] ?? '', /UNKNOWN_COLUMN The stacked sources have no column in common/);
    assert.match(said(text, [fact(['id', 'text']), fact(['id'])])[0] ?? '', /UNKNOWN_COLUMN The source has no column "text"/);
  });

  it('may be a list of one', () => {
    assert.equal(compilePlan(`data_config:\n  source:\n    - {type: disk, file_path: a.jsonl}\n${GRAPH}`).source?.type, 'disk');
    assert.equal(compilePlan(`${joins(PRIMARY)}${GRAPH}`).source?.type, 'joined');
  });

  const faults: [string, string[], RegExp][] = [
    ['without alias', [PRIMARY, 'join_type: cross'], /MISSING_KEY A source among several needs "alias"/],
    ['without join_type', [PRIMARY, 'alias: b'], /MISSING_KEY A source among several needs "join_type"/],
    ['with one alias twice', [PRIMARY, 'alias: inc, join_type: cross'], /WRONG_VALUE Two sources have the alias "inc"/],
    ['with an alias that no prompt can name', [PRIMARY, 'alias: "a->b", join_type: cross'], /WRONG_VALUE "a->b" cannot be an alias/],
    ['without a primary one', ['alias: a, join_type: cross', 'alias: b, join_type: random'], /MISSING_KEY No source is the primary one/],
    ['with two primary ones', [PRIMARY, 'alias: b, join_type: primary'], /WRONG_VALUE There is a primary source already/],
    ['stacked and joined', [PRIMARY, 'alias: b, join_type: vstack'], /WRONG_VALUE Stacked and joined sources do not go together/],
    ['without keys', [PRIMARY, 'alias: b, join_type: column, join_key: id'], /MISSING_KEY A source with join_type "column" needs "primary_key"/],
    ['with an unknown primary key', [PRIMARY, 'alias: b, join_type: column, primary_key: x, join_key: id'], /UNKNOWN_COLUMN The primary source has no column "x"/],
    ['with an unknown join key', [PRIMARY, 'alias: b, join_type: column, primary_key: id, join_key: x'], /UNKNOWN_COLUMN This source has no column "x"/],
    ['with keys that nothing reads', [PRIMARY, 'alias: b, join_type: cross, join_key: id'], /IGNORED_KEY "join_key" means nothing with join_type "cross"/],
  ];
  for (const [name, sources, expected] of faults) {
    it(`are reported ${name}`, () => {
      const diagnostics = said(`${joins(...sources)}${GRAPH}`);
      assert.equal(diagnostics.length, 1, diagnostics.join('\n'));
      assert.match(diagnostics[0] ?? '', expected);
    });
  }

  it('are not what a single source with an alias is', () => {
    const text = `data_config:\n  source: {type: disk, file_path: a.jsonl, alias: a, join_type: primary}\n${GRAPH}`;
    assert.deepEqual(said(text), ['IGNORED_KEY "alias" means nothing for a single source', 'IGNORED_KEY "join_type" means nothing for a single source']);
    assert.equal(compilePlan(text).source?.type, 'disk');
  });
});

describe('the keys of a source', () => {
  it('keep only the fields that are wanted', () => {
    const plan = compilePlan(`data_config:\n  source: {type: disk, file_path: a.jsonl, fields: [id], transformations: [{transform: AddNewField, params: {mapping: {a: 1}}}]}\n${GRAPH}`);
    assert.deepEqual(plan.source?.transformations.map(({ kind }) => kind), ['select_fields', 'add_new_field']);
    assert.match(said(`data_config:\n  source: {type: disk, file_path: a.jsonl, fields: [idd]}\n${GRAPH}`)[0] ?? '', /UNKNOWN_COLUMN The source has no column "idd"/);
  });

  it('choose shards of a Hub dataset', () => {
    const shardOf = (shard: string): unknown => {
      const { source } = compilePlan(`data_config:\n  source: {type: hf, repo_id: a/b, split: [train, test, train], streaming: true, shard: ${shard}}\n${GRAPH}`);
      assert.ok(source?.type === 'hf');
      assert.deepEqual([source.splits, source.streaming], [['train', 'test'], true]);
      return source.shard;
    };
    assert.deepEqual(shardOf('{regex: "-.*\\\\.parquet$", index: [0, 2]}'), { regex: '-.*\\.parquet$', index: [0, 2] });
    assert.deepEqual(shardOf('{regex: "*"}'), { regex: null, index: null });
    assert.match(said(`data_config:\n  source: {type: hf, repo_id: a/b, shard: {regex: "("}}\n${GRAPH}`)[0] ?? '', /WRONG_VALUE "regex" is no regular expression/);
  });

  it('add fields that count tries', () => {
    const plan = compilePlan(`data_config:
  source:
    type: disk
    file_path: a.jsonl
    transformations:
      - {transform: sygra.processors.data_transform.AddRetryFieldsTransform, params: {max_retries: 5, original_current_user_text: }}
${GRAPH}`);
    assert.deepEqual(plan.source?.transformations, [{ kind: 'add_new_field', mapping: { max_retries: 5, curr_retries: 0, original_current_user_text: null } }]);
  });
});

describe('a ServiceNow table', () => {
  it('is read as SyGra describes it', () => {
    const { source } = compilePlan(`data_config:
  source:
    type: servicenow
    table: incident
    filters: {active: "true", priority: ["1", "2"]}
    fields: [sys_id, number]
    limit: 10
    order_by: sys_created_on
    order_desc: true
    batch_size: 50
    streaming: false
${GRAPH}`);
    assert.deepEqual(source, {
      type: 'servicenow',
      connection: {
        instance: { variable: 'SNOW_INSTANCE' },
        username: { variable: 'SNOW_USERNAME' },
        passwordVariable: 'SNOW_PASSWORD',
        clientId: { variable: 'SNOW_OAUTH_CLIENT_ID' },
        clientSecretVariable: 'SNOW_OAUTH_CLIENT_SECRET',
        proxy: null,
        verifyTls: true,
        certificate: null,
        autoRetry: true,
      },
      table: 'incident',
      query: 'active=true^priorityIN1,2^ORDERBYDESCsys_created_on^ORDERBYsys_id',
      fields: ['sys_id', 'number'],
      limit: 10,
      batchSize: 50,
      displayValue: 'all',
      excludeReferenceLink: true,
      transformations: [],
      onBadRecord: 'stop',
    });
  });

  it('is written to as SyGra describes it', () => {
    const { sinks } = compilePlan(`data_config:
  source: {type: disk, file_path: a.jsonl}
  sink: {type: servicenow, table: u_answers, operation: upsert, key_field: number, instance: $MY_INSTANCE, username: admin, password: "\${MY_PASSWORD}", proxy: "http://proxy:8080", verify_ssl: false, cert: client.pem, auto_retry: false, correlation_field: u_mark}
${GRAPH}`);
    assert.deepEqual(sinks, [
      {
        type: 'servicenow',
        alias: null,
        connection: {
          instance: { variable: 'MY_INSTANCE' },
          username: { value: 'admin' },
          passwordVariable: 'MY_PASSWORD',
          clientId: { variable: 'SNOW_OAUTH_CLIENT_ID' },
          clientSecretVariable: 'SNOW_OAUTH_CLIENT_SECRET',
          proxy: { value: 'http://proxy:8080' },
          verifyTls: false,
          certificate: 'client.pem',
          autoRetry: false,
        },
        table: 'u_answers',
        operation: 'upsert',
        keyField: 'number',
        correlationField: 'u_mark',
      },
    ]);
  });

  it('does not take secrets in the file, nor repeats them', () => {
    const { diagnostics } = compileText(`data_config:
  source:
    type: servicenow
    table: incident
    password: hunter2
    oauth_client_secret: topsecret
    proxy: http://me:geheim@proxy
${GRAPH}`);
    assert.deepEqual(diagnostics.map(({ code }) => code), ['SECRET_IN_FILE', 'SECRET_IN_FILE', 'SECRET_IN_FILE']);
    assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2|topsecret|geheim/);
  });

  it('has its filters checked, and a query that wins over them', () => {
    const table = (more: string): string => `data_config:\n  source: {type: servicenow, table: incident, ${more}}\n${GRAPH}`;
    assert.deepEqual(said(table('filters: {state: {operator: "=>", value: 1}}')), ['WRONG_VALUE There is no operator "=>"']);
    assert.deepEqual(said(table('filters: {a: 1}, query: "b=1"')), ['IGNORED_KEY "filters" is passed over where there is a "query"']);
    assert.match(said('data_config:\n  source: {type: servicenow, table: "inci dent"}\n' + GRAPH)[0] ?? '', /^WRONG_/);
  });
});

describe('several sinks', () => {
  const sinks = (output: string, ...list: string[]): string =>
    `data_config:\n  source: {type: disk, file_path: a.jsonl}\n  sink:\n${list.map((sink) => `    - {${sink}}\n`).join('')}${GRAPH}${output}`;

  it('have aliases and formats of their own', () => {
    const plan = compilePlan(sinks('output_config: {output_map: {a->x: {from: text}, y: {from: id}}}\n', 'type: json, file_path: a.json, alias: a', 'type: disk, file_path: b.csv', 'file_path: c, file_type: jsonl'));
    assert.deepEqual(plan.sinks, [
      { type: 'file', alias: 'a', path: 'a.json', format: 'json', encoding: 'utf-8' },
      { type: 'file', alias: null, path: 'b.csv', format: 'csv', encoding: 'utf-8' },
      { type: 'file', alias: null, path: 'c', format: 'jsonl', encoding: 'utf-8' },
    ]);
  });

  it('are told of an alias that no output field has, of one that is there twice, and of keys that change nothing', () => {
    const output = 'output_config: {output_map: {a->x: {from: text}}}\n';
    assert.deepEqual(said(sinks(output, 'type: json, file_path: a.json', 'type: json, file_path: b.json, alias: b')), ['UNKNOWN_COLUMN No output field goes to the sink "b", so nothing will be written to it']);
    assert.deepEqual(said(sinks(output, 'type: json, file_path: a.json, alias: a', 'type: json, file_path: b.json, alias: a')), ['WRONG_VALUE Two sinks have the alias "a"']);
    assert.deepEqual(said(sinks(output, 'type: hf, repo_id: a/b, alias: a, filename: x, chunk_size: 10, push_to_hub: true')).map((line) => line.split(' ')[0]), ['IGNORED_KEY', 'IGNORED_KEY']);
    assert.deepEqual(said(sinks('output_config: {output_map: {a->x: {from: text}, y: {from: id}}}\n', 'type: json, file_path: a.json, alias: a')), ['UNKNOWN_COLUMN The output field "y" goes to no sink: all of them have an alias']);
    assert.match(said(sinks(output, 'type: disk, file_path: plain, alias: a'))[0] ?? '', /MISSING_KEY The format of "plain"/);
  });
});
