import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MODEL_RULE_NAMES } from '../../pipeline/model-rules.ts';
import { QUALITY_RULE_NAMES } from '../../pipeline/quality-rules.ts';
import { NEAR_DUPLICATES_TASK } from '../../pipeline/schema/data-quality-schema.ts';
import { createWorkplace, type Workplace } from '../cli/workplace.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { compileText, SOURCE } from '../pipeline/compile-text.ts';
import { plantRecords } from '../quality/planted-records.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'quality.md'), 'utf8');
const blocks = (language: string): string[] => [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text]) => text ?? '');
const yamlNamed = (name: string): string => blocks('yaml').find((text) => text.startsWith(`# ${name}`)) ?? assert.fail(name);

/** Words of a line of a shell; quotes are single ones. */
const wordsOf = (line: string): string[] => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1);

const COMMANDS = blocks('sh').flatMap((text) => text.split('\n')).filter((line) => line.startsWith('syngraph '));
const isTagging = (line: string): boolean => /^syngraph quality (?!report)/.test(line);

let workplace: Workplace;

before(async () => {
  workplace = await createWorkplace();
  const records = await plantRecords(100);
  const human = Array.from({ length: 30 }, (_, id) => `${JSON.stringify({ id, messages: [{ role: 'user', content: 'By' }, { role: 'assistant', content: 'hand' }] })}\n`);
  await workplace.write({ 'answers.jsonl': records.map(({ row }) => `${JSON.stringify(row)}\n`).join(''), 'human.jsonl': human.join(''), 'rules.yaml': yamlNamed('rules.yaml') });
});
after(() => workplace.remove());

describe('the page about quality', () => {
  it('has commands that work, each on what those before have written', async () => {
    const judging = COMMANDS.find((line) => line.includes('--judge')) ?? assert.fail();
    const { exitCode, errors } = await workplace.syngraph(wordsOf(judging));
    assert.equal(exitCode, 0, errors);
    // A server for each tagging would take most of a minute: one makes the files of all, as the others' are alike but unjudged.
    const judged = (name: string): string => readFileSync(join(workplace.folder, name), 'utf8');
    await workplace.write({ 'strict.jsonl': judged('judged.jsonl'), 'output/answers_quality.jsonl': judged('judged.jsonl'), 'output/answers_quality.rejected.jsonl': judged('judged.rejected.jsonl') });
    assert.ok(COMMANDS.length >= 14);
    for (const line of COMMANDS) {
      const words = wordsOf(line);
      const { error } = await runInProcess(workplace.folder, isTagging(line) ? [...words, '--dry-run'] : words);
      assert.equal(error, null, `${line}\n${error?.message}`);
      for (const flag of ['--output', '--html']) if (words.includes(flag)) assert.ok(existsSync(join(workplace.folder, words[words.indexOf(flag) + 1]!)), line);
    }
  });

  it('names every rule, and only rules that there are', () => {
    const table = PAGE.slice(PAGE.indexOf('## Rules'), PAGE.indexOf('## Judging'));
    const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name ?? '');
    assert.deepEqual(named.sort(), [...QUALITY_RULE_NAMES, ...MODEL_RULE_NAMES, NEAR_DUPLICATES_TASK].sort());
  });

  it('has a data_quality that compiles', () => {
    const graph = 'graph_config:\n  nodes:\n    heuristics: { node_type: quality }\n  edges:\n    - { from: START, to: heuristics }\n    - { from: heuristics, to: END }\n';
    assert.deepEqual(compileText(`${SOURCE}${graph}${yamlNamed('graph_config.yaml')}`).diagnostics, []);
  });
});
