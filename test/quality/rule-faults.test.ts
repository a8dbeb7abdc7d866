import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runQuality } from '../../activities/nodes/run-quality.ts';
import { QualityPool } from '../../activities/quality/quality-pool.ts';
import type { QualityNodePlan } from '../../pipeline/plan.ts';
import { nodeWorkOf } from '../activities/nodes/node-work-of.ts';

/** A pattern of a tokenizer's file, which may come from anywhere: its time doubles with each letter a. */
const TOKENIZER = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+a+)+b| ' }, behavior: 'Isolated', invert: false },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', vocab: { '<unk>': 0, One: 1, more: 2 }, unk_token: '<unk>' },
};

describe('a rule that comes to no end', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-rule-'));
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(TOKENIZER));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('fails its record by the names of both, and the records around it are assessed', async () => {
    const node = {
      rules: { conversation_pretokenization: { encoding: 'o200k_base', tokenizer: folder, chatTemplate: null, maxTokens: null }, metadata_tagging: {} },
      mode: 'tag',
      into: 'metadata',
      messages: null,
    } as unknown as QualityNodePlan;
    const texts = ['One more', 'a'.repeat(80), 'And another', 'The last'];
    const work = nodeWorkOf({ records: texts.map((content) => ({ state: { messages: [{ role: 'user', content }] } })) });
    Object.assign(work.dependencies, { workingDirectory: folder, environment: {} });
    const outcomes = await runQuality(node, work, new QualityPool({ timeLimitMilliseconds: 5_000 }));
    assert.deepEqual(outcomes.map(({ kind }) => kind), ['changed', 'failed', 'changed', 'changed']);
    const [, failed] = outcomes;
    assert.ok(failed?.kind === 'failed');
    assert.equal(failed.failure.code, 'QUALITY_RULE_FAILED');
    assert.equal(failed.failure.message, 'the rule conversation_pretokenization failed on the record r1: no result in 5 s');
  });
});
