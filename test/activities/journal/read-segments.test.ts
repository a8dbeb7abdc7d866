import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { formatJournalLine, parseJournalLine } from '../../../activities/journal/journal-line.ts';
import { readSegments, segmentName } from '../../../activities/journal/read-segments.ts';
import type { ModelAnswer } from '../../../activities/models/model-client.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'syngraph-journal-'));
after(() => rm(folder, { recursive: true }));
const store = createFolderStore(folder);

const key = (digit: string): string => digit.repeat(32);
const answer = (content: string): ModelAnswer => ({
  message: { role: 'assistant', content },
  finishReason: 'stop',
  refusal: null,
  usage: { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 },
  answeredBy: null,
});
const segment = (attempt: string): string => segmentName({ node: 1, sequence: 0, attempt });

test('the first attempt that answered a call wins over a later one', async () => {
  await store.write(`first/${segment('001-zz')}`, formatJournalLine({ key: key('a'), entry: { answer: answer('first') } }));
  await store.write(`first/${segment('002-aa')}`, formatJournalLine({ key: key('a'), entry: { answer: answer('second') } }));
  const earlier = await readSegments({ store, folder: 'first', node: 1, epoch: 0 });
  assert.equal(earlier.answers.get(key('a'))?.answer.message.content, 'first');
});

test('drops a tail that a crash has torn, wherever it was cut', async () => {
  const whole = formatJournalLine({ key: key('a'), entry: { answer: answer('kept') } });
  const torn = formatJournalLine({ key: key('b'), entry: { answer: answer('torn "quoted" {brace}') } });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: torn.length - 1 }), async (length) => {
      await store.write(`torn/${segment('001-aa')}`, whole + torn.slice(0, length));
      const earlier = await readSegments({ store, folder: 'torn', node: 1, epoch: 0 });
      assert.deepEqual([...earlier.answers.keys()], [key('a')]);
    }),
  );
});

test('counts failed attempts of its own epoch only: going on after a pause gives a record a new chance', async () => {
  const failed = (epoch: number): string => formatJournalLine({ key: key('c'), entry: { attempt: { reason: 'server_error', message: '', epoch } } });
  await store.write(`epochs/${segment('001-aa')}`, failed(0) + failed(0) + failed(1));
  assert.equal((await readSegments({ store, folder: 'epochs', node: 1, epoch: 0 })).attempts.get(key('c')), 2);
  assert.equal((await readSegments({ store, folder: 'epochs', node: 1, epoch: 1 })).attempts.get(key('c')), 1);
});

test('reads segments of its own node only', async () => {
  await store.write(`nodes/${segmentName({ node: 12, sequence: 0, attempt: '001-aa' })}`, formatJournalLine({ key: key('d'), entry: { answer: answer('other') } }));
  assert.equal((await readSegments({ store, folder: 'nodes', node: 1, epoch: 0 })).answers.size, 0);
});

test('a line is read back as it was written, whatever the answer holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (content) => {
      const text = formatJournalLine({ key: key('e'), entry: { answer: answer(content) } });
      assert.equal(text.indexOf('\n'), text.length - 1);
      const line = parseJournalLine(text.trimEnd());
      assert.ok(line && 'answer' in line.entry);
      assert.equal(line.entry.answer.message.content, content);
    }),
  );
});
