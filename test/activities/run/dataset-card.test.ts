import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { describeDataset, type CardFacts } from '../../../activities/data/dataset-card.ts';
import { startEngine, type Engine } from '../../support/engine.ts';
import { runTask } from '../../support/run-task.ts';
import { FakeHub } from '../data/fake-hub.ts';

let hub: FakeHub;
let engine: Engine;
before(async () => {
  hub = new FakeHub();
  engine = await startEngine({ HF_ENDPOINT: await hub.start(), HF_TOKEN: 'hf_write' });
});
after(async () => {
  await engine.close();
  hub.stop();
});

const FRONT = /^---\n([\s\S]*?)\n---\n/;

const yamlOf = (sink: string): string => `
data_config:
  source: { type: disk, file_path: in.jsonl }
  sink: { type: hf, repo_id: me/facts, ${sink} }
graph_config:
  nodes: { tag: { node_type: lambda, lambda: "./functions.ts#tag", output_keys: [metadata] } }
  edges: [{ from: START, to: tag }, { from: tag, to: END }]
`;

const FILES = {
  'in.jsonl': Array.from({ length: 20 }, (_, n) => `${JSON.stringify({ n })}\n`).join(''),
  'functions.ts':
    'export const tag = (config, state) => ({ metadata: { quality_characteristics: { heuristic_based: { passed: state.n % 4 !== 0, lexical_diversity: { ttr_score: 0.5 } } } } });\n',
};

function messagesOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${messagesOf(error.cause)}` : '';
}

const card = (): string => hub.files('me/facts')['README.md']?.toString() ?? '';

test('a push to the Hub writes a card with licence, size, provenance and quality, keeps what people wrote, and does it once', async () => {
  hub.put('me/facts', { 'README.md': '---\nlanguage: de\ntags: [mine]\n---\n# Facts\n\nBy me.\n' });
  const task = { yaml: yamlOf('card: { license: cc-by-4.0, task_categories: text-generation, language: [en] }'), files: FILES, sinks: true };
  const { id, summary } = await runTask(engine, task);
  assert.equal(summary.status, 'done');
  const text = card();
  const front = parse(FRONT.exec(text)?.[1] ?? '') as Record<string, unknown>;
  assert.deepEqual(front, {
    language: ['en'], tags: ['mine', 'synthetic', 'syngraph'], license: 'cc-by-4.0', task_categories: ['text-generation'], size_categories: ['n<1K'],
    configs: [{ config_name: 'default', data_files: [{ split: 'train', path: 'data/train-*' }] }],
  });
  assert.match(text, /# Facts\n\nBy me\.\n/);
  assert.match(text, /20 rows/);
  const [pipeline = ''] = id.split('/');
  assert.ok(text.includes(`| pipeline | ${pipeline} |`), text);
  assert.match(text, /\| plan \| [0-9a-f]{64} \|/);
  assert.match(text, /\| source \| in\.jsonl, version [0-9a-f]{64} \|/);
  assert.match(text, /\| passed the rules \| 15 \|/);
  assert.ok(!text.includes(engine.folder));
  const { commits } = hub;
  await engine.start(`${id}-again`, { task: pipeline, runId: 'run', resume: true });
  assert.equal(hub.commits, commits);
});

test('card: false names the split alone, and other keys are refused', async () => {
  await runTask(engine, { yaml: yamlOf('card: false').replace('me/facts', 'me/plain'), files: FILES, sinks: true });
  const plain = hub.files('me/plain')['README.md']?.toString() ?? '';
  assert.match(plain, /config_name: default/);
  assert.doesNotMatch(plain, /yngraph/);
  await assert.rejects(runTask(engine, { yaml: yamlOf('card: { licence: mit }'), files: FILES, sinks: true }), (error) => messagesOf(error).includes('licence'));
});

test('any card is described once: again it stays as it is, and hostile names make no HTML, no links and no cells', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('<script>', '[x](javascript:1)', 'a|b', '<!-- syngraph: end of default/train -->'));
  const start = fc.oneof(fc.constantFrom('', '# Mine\n', '---\nlicense: mit # mine\n---\ntext\n', '---\n: : {\n---\nx'), fc.string());
  fc.assert(
    fc.property(start, text, text, fc.nat(3_000), (given, name, value, rows) => {
      const facts: CardFacts = { config: 'default', split: 'train', rows, origin: [[name, value]], quality: [[value, name]], settings: {} };
      const once = describeDataset(given, facts);
      assert.equal(describeDataset(once, facts), once);
      const section = once.slice(once.indexOf('<!-- syngraph: default/train -->'));
      assert.doesNotMatch(section.replaceAll(/<!-- syngraph: [\w /]+ -->/g, ''), /<|(^|[^\\])\[x\]/m);
    }),
  );
});
