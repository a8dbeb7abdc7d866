import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { judgementOf } from '../recipes/judgement.ts';
import { writeBigramModel } from '../quality/tiny-models.ts';
import { createWorkplace, type CommandResult, type Workplace } from './workplace.ts';

const QUESTION = 'Which river runs through the old town of Prague, and where does it end?';
const ANSWER = 'The Vltava runs through Prague. It joins the Elbe north of the city, whose water reaches the North Sea.';
const MESSAGES = [{ role: 'user', content: QUESTION }, { role: 'assistant', content: ANSWER }];

const oasst = (tree: string, id: string, parent: string | null, role: string, text: string, rank?: number): object => ({
  message_tree_id: tree, message_id: `${tree}${id}`, parent_id: parent === null ? null : `${tree}${parent}`, role, text, lang: 'en', ...(rank === undefined ? {} : { rank }),
});

/** One record of each layout that a row can have; each row is read on its own. */
const LAYOUTS: Record<string, object> = {
  'a conversation': { conversation: MESSAGES },
  messages: { messages: [{ role: 'system', content: 'Be brief.' }, ...MESSAGES] },
  'turns as ShareGPT has them': { conversations: [{ from: 'human', value: QUESTION }, { from: 'gpt', value: ANSWER }] },
  'a prompt and its response': { prompt: QUESTION, response: ANSWER },
  'an instruction and its output': { instruction: QUESTION, input: '', output: ANSWER },
  'a text': { text: ANSWER },
};

const TREES = [
  oasst('x', '1', null, 'prompter', QUESTION),
  oasst('x', '2', '1', 'assistant', ANSWER, 0),
  oasst('x', '3', '1', 'assistant', 'The Danube.', 1),
  oasst('y', '1', null, 'prompter', QUESTION),
  oasst('y', '2', '1', 'assistant', ANSWER),
  oasst('y', '3', '2', 'prompter', 'And how long is it from its spring to there?'),
  oasst('y', '4', '3', 'assistant', 'It is about four hundred and thirty kilometres long.'),
];

const FILES = { layouts: Object.values(LAYOUTS), trees: TREES, unknown: Array.from({ length: 30 }, (_, score) => ({ title: 'x', score })), odd: [{ title: 'x', score: 3 }, { text: ANSWER }], torn: [oasst('x', '2', '1', 'assistant', ANSWER)] };

interface Tagged {
  conversation?: object[];
  rejected_answers?: { at: number; messages: object[] }[];
  metadata: { quality_characteristics: { heuristic_based: { conversation_stats: { turn_count: number }; language: { detected: string }; passed: boolean } } };
}

/** The example of section 4.3 of the SyGra paper, each value by its type; `explanations` is cut short there. */
const PAPER = {
  heuristic_based: {
    lexical_richness: { ttr_score: 'number', mtld_score: 'number' },
    perplexity: { score: 'number' },
    language: { detected: 'string', confidence: 'number' },
    conversation_stats: { turn_count: 'number', avg_turn_length: 'number' },
  },
  LLM_based: {
    category: 'string',
    instruction_following: 'number',
    contextual_alignment: 'number',
    accuracy: 'number',
    completeness: 'number',
    linguistic_clarity: 'number',
    explanations: { explanation_IF: 'string', explanation_CA: 'string', explanation_AC: 'string', explanation_CO: 'string', explanation_LC: 'string' },
  },
};

/** What stands in the places that `pattern` has, by type. */
function typesAt(value: unknown, pattern: object): object {
  return Object.fromEntries(
    Object.entries(pattern).map(([key, inner]) => {
      const found = (value as Record<string, unknown> | undefined)?.[key];
      return [key, typeof inner === 'object' ? typesAt(found, inner as object) : typeof found];
    }),
  );
}

describe('syngraph quality --judge', () => {
  let place: Workplace;
  let endpoint: FakeModelServer;
  let rows: Record<string, unknown>[];

  before(async () => {
    place = await createWorkplace();
    const tags = { instruction_tags: ['Rivers'], difficulty: 2, explanation_question_quality: 'Clear.', question_quality_score: 4 };
    endpoint = await startFakeModel({ script: { rules: [{ match: 'instruction_tags', answer: { json: tags } }, { match: '', answer: { json: { ...judgementOf(4, { accuracy: 3 }) } } }] } });
    writeBigramModel({ folder: join(place.folder, 'scorer') });
    await place.write({ 'rivers.jsonl': `${JSON.stringify({ conversation: MESSAGES })}\n${JSON.stringify({ text: 'la '.repeat(80) })}\n`, 'rules.yaml': 'ppl_score: { model: ./scorer, max: 1000000 }\n' });
    const words = ['quality', 'rivers.jsonl', '--judge', 'judge', '--rules', 'rules.yaml', '--mode', 'tag', '--sygra-metadata'];
    const { exitCode, errors } = await place.syngraph(words, { SYGRA_JUDGE_URL: endpoint.url });
    assert.equal(exitCode, 0, errors);
    rows = (await readFile(join(place.folder, 'output', 'rivers_quality.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  });
  after(async () => {
    await place.remove();
    await endpoint.close();
  });

  it('writes what the example of section 4.3 has, under its names', () => {
    const { conversation, metadata } = rows[0]!;
    assert.deepEqual(conversation, MESSAGES);
    const { quality_characteristics: found } = metadata as { quality_characteristics: object };
    assert.deepEqual(Object.keys(found), ['heuristic_based', 'LLM_based']);
    assert.deepEqual(typesAt(found, PAPER), PAPER);
    const { accuracy, completeness, category } = (found as { LLM_based: Record<string, unknown> }).LLM_based;
    assert.deepEqual([accuracy, completeness, category], [3, 4, 'open_qa']);
  });

  it('writes the same in the layout of SyGra, for records that nobody has judged as well', () => {
    const judged = rows[0]!.data_quality_metadata as Record<string, Record<string, unknown>>;
    assert.deepEqual(judged.data_taxonomy, { category: 'Open-Domain Question Answering', subcategory: '', instruction_tags: ['Rivers'] });
    assert.deepEqual(Object.keys(judged.data_characteristics!), ['num_turns', 'num_tokens', 'num_input_tokens', 'num_target_tokens']);
    const { response_quality: response, question_quality_score: question } = judged.data_quality!.llm_based as Record<string, Record<string, unknown>>;
    assert.deepEqual([response?.accuracy, response?.explanation_accuracy, response?.overall_score, question], [3, 'Why accuracy.', 3.8, 4]);
    const rejected = rows[1]!.data_quality_metadata as Record<string, Record<string, unknown>>;
    assert.deepEqual(Object.keys(rejected.data_quality!), ['heuristic_based']);
  });
});

describe('syngraph quality', () => {
  let place: Workplace;
  const results = new Map<string, CommandResult>();

  before(async () => {
    place = await createWorkplace();
    await place.write(Object.fromEntries(Object.entries(FILES).map(([name, rows]) => [`${name}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join('')])));
    for (const name of Object.keys(FILES)) results.set(name, await place.syngraph(['quality', `${name}.jsonl`, '--mode', 'tag', '--json']));
  });
  after(() => place.remove());

  const tagged = async (name: string): Promise<Tagged[]> => {
    const { exitCode, errors } = results.get(name)!;
    assert.equal(exitCode, 0, errors);
    const text = await readFile(join(place.folder, 'output', `${name}_quality.jsonl`), 'utf8');
    return text.trim().split('\n').map((line) => JSON.parse(line) as Tagged);
  };

  for (const [index, layout] of Object.keys(LAYOUTS).entries()) {
    it(`recognises a record with ${layout}`, async () => {
      const { conversation_stats: stats, language } = (await tagged('layouts'))[index]!.metadata.quality_characteristics.heuristic_based;
      assert.deepEqual([stats.turn_count, language.detected], [layout === 'a text' ? 1 : 2, 'en']);
    });
  }

  it('makes the conversations of OASST trees, with the answers that were rejected', async () => {
    const [first, second] = await tagged('trees');
    assert.deepEqual([first, second].map((row) => row?.metadata.quality_characteristics.heuristic_based.conversation_stats.turn_count), [2, 4]);
    assert.deepEqual(first?.conversation, MESSAGES);
    assert.deepEqual(first?.rejected_answers, [{ at: 1, messages: [{ role: 'assistant', content: 'The Danube.' }] }]);
    assert.ok(second !== undefined && !('rejected_answers' in second));
  });

  it('refuses a dataset of which no record is recognised before anything is started, with the fields that it has and those looked for', () => {
    const { exitCode, errors, output } = results.get('unknown')!;
    assert.equal(exitCode, 2, errors);
    assert.match(errors, /unknown\.jsonl: none of the first 20 records is a conversation.*its fields are title, score; looked for a list of messages in conversation, conversations, messages.*prompt.*response.*text.*message_id, parent_id.*\n.*--messages COLUMN/s);
    assert.equal((JSON.parse(output) as { error: { code: string } }).error.code, 'SOURCE_INVALID');
  });

  it('fails a record without a conversation among others, with the fields that it looked for', async () => {
    const { exitCode, errors, output } = results.get('odd')!;
    assert.equal(exitCode, 3, errors);
    const { failedRecords } = JSON.parse(output.trim().split('\n').at(-1)!) as { failedRecords: string };
    assert.match(await readFile(failedRecords, 'utf8'), /its fields are title, score; looked for a list of messages in conversation, conversations, messages.*prompt.*response.*text.*message_id, parent_id/s);
  });

  it('says which row of an OASST tree has no parent', async () => {
    const { exitCode, errors, output } = results.get('torn')!;
    assert.notEqual(exitCode, 0);
    assert.match(errors + output, /torn\.jsonl row 1: .*parent_id/s);
  });
});
