import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

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

const FILES = { layouts: Object.values(LAYOUTS), trees: TREES, unknown: [{ title: 'x', score: 3 }], torn: [oasst('x', '2', '1', 'assistant', ANSWER)] };

interface Tagged {
  conversation?: object[];
  rejected_answers?: { at: number; messages: object[] }[];
  metadata: { quality_characteristics: { heuristic_based: { conversation_stats: { turn_count: number }; language: { detected: string }; passed: boolean } } };
}

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

  it('fails a record without a conversation, with the fields that it looked for', async () => {
    const { exitCode, output } = results.get('unknown')!;
    assert.notEqual(exitCode, 0);
    const { failedRecords } = JSON.parse(output.trim().split('\n').at(-1)!) as { failedRecords: string };
    assert.match(await readFile(failedRecords, 'utf8'), /its fields are title, score; looked for a list of messages in conversation, conversations, messages.*prompt.*response.*text.*message_id, parent_id/s);
  });

  it('says which row of an OASST tree has no parent', async () => {
    const { exitCode, errors, output } = results.get('torn')!;
    assert.notEqual(exitCode, 0);
    assert.match(errors + output, /torn\.jsonl row 1: .*parent_id/s);
  });
});
