import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSource } from '../../activities/data/open-source.ts';
import { formatOfPath } from '../../pipeline/compile/source-settings.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { FakeHub } from '../activities/data/fake-hub.ts';
import { execute } from '../../cli/commands/convert.ts';
import type { CommandContext } from '../../cli/context.ts';
import { createWorkplace, type Workplace } from '../cli/workplace.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const GOOD = [{ id: 'a', prompt: 'Why?', chosen: 'Because.', rejected: 'No.' }, { id: 'b', prompt: 'How?', chosen: 'So.', rejected: 'Not so.' }];

const jsonLines = (rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('syngraph convert', () => {
  let place: Workplace;
  const hub = new FakeHub();
  before(async () => {
    place = await createWorkplace();
    await place.write({ 'good.jsonl': jsonLines(GOOD), 'mixed.jsonl': `${jsonLines([GOOD[0], { title: 'x' }])}nothing\n${jsonLines([GOOD[1]])}` });
  });
  after(async () => {
    hub.stop();
    await place.remove();
  });

  /** The command without a process of its own, which takes longer to start than to convert. */
  async function convert(words: [input: string, to: string, output?: string], { environment = {}, isJson = false, split }: { environment?: NodeJS.ProcessEnv; isJson?: boolean; split?: string } = {}): Promise<{ exitCode: number; said: string }> {
    let said = '';
    const say = (text: string): void => void (said += `${text}\n`);
    const terminal = { result: say, tell: say, colours: { yellow: (text: string) => text } };
    const [input, to, output] = words;
    const context = { terminal, workingDirectory: place.folder, environment, isJson } as unknown as CommandContext;
    const exitCode = await execute(context, [input], { to, ...(output === undefined ? {} : { output }), ...(split === undefined ? {} : { split }) });
    return { exitCode, said };
  }

  async function read(name: string): Promise<JsonObject[]> {
    const path = join(place.folder, name);
    const functions = { filter: async () => true, transform: async () => [] };
    const source = { type: 'disk' as const, path, format: formatOfPath(path)!, encoding: 'utf-8', transformations: [], onBadRecord: 'stop' as const };
    const rows: JsonObject[] = [];
    for await (const row of openSource({ source, functions, environment: {}, signal: new AbortController().signal })) if (row.ok) rows.push(row.row);
    return rows;
  }

  it('writes the format beside the input, and leaves no trace of a store', async () => {
    const { exitCode, output } = await place.syngraph(['convert', 'good.jsonl', '--to', 'trl-preference']);
    assert.equal(exitCode, 0);
    assert.match(output, /2 of 2 records became 2 trl-preference rows/);
    assert.deepEqual((await read('good.trl-preference.jsonl'))[1], {
      prompt: [{ role: 'user', content: 'How?' }],
      chosen: [{ role: 'assistant', content: 'So.' }],
      rejected: [{ role: 'assistant', content: 'Not so.' }],
    });
    assert.equal(existsSync(join(place.folder, '.syngraph')), false);
  });

  it('ends with 3 where records could not be converted, and says which and why', async () => {
    const { exitCode, said } = await convert(['mixed.jsonl', 'oasst-dpo', 'rows.csv'], { isJson: true });
    assert.equal(exitCode, 3);
    const path = (name: string): string => join(place.folder, name);
    assert.deepEqual(JSON.parse(said), { input: 'mixed.jsonl', format: 'oasst-dpo', output: path('rows.csv'), records: 4, failed: 2, rows: 6, failedRecords: path('rows.failed.jsonl') });
    const failed = await read('rows.failed.jsonl');
    assert.deepEqual(failed.map(({ row, records }) => [row, records]), [[2, [{ title: 'x' }]], [3, []]]);
    assert.match(failed[0]?.reason as string, /its fields are title; looked for/);
    assert.match(failed[1]?.location as string, /mixed\.jsonl:3$/);
    assert.match((await convert(['mixed.jsonl', 'openai'])).said, /2 could not be converted; .*\n {2}the first of them: row 2, .*its fields are title; looked for/);
  });

  it('reads back what it wrote, through CSV and Parquet', async () => {
    assert.equal((await convert(['good.jsonl', 'oasst-dpo', 'tree.csv'])).exitCode, 0);
    assert.equal((await convert(['tree.csv', 'trl-preference', 'back.parquet'])).exitCode, 0);
    assert.equal((await convert(['back.parquet', 'trl-preference', 'again.json'])).exitCode, 0);
    await convert(['good.jsonl', 'trl-preference', 'direct.jsonl']);
    assert.deepEqual(await read('again.json'), await read('direct.jsonl'));
  });

  it('reads a dataset on the Hub', async () => {
    const endpoint = await hub.start();
    hub.put('org/talk', { 'train.jsonl': jsonLines(GOOD.slice(0, 1)), 'test.jsonl': jsonLines(GOOD) });
    const { exitCode, said } = await convert(['org/talk', 'alpaca'], { environment: { HF_ENDPOINT: endpoint }, split: 'test' });
    assert.equal(exitCode, 0, said);
    assert.deepEqual(await read('talk.alpaca.jsonl'), [{ instruction: 'Why?', input: '', output: 'Because.' }, { instruction: 'How?', input: '', output: 'So.' }]);
  });

  it('refuses what it cannot make sense of, and writes nothing', async () => {
    const cases: [[string, string, string?], string, RegExp][] = [
      [['good.jsonl', 'yaml'], 'USAGE', /there is no training format yaml/],
      [['good.jsonl', 'openai', 'x.txt'], 'USAGE', /cannot tell the format of the output/],
      [['good.jsonl', 'openai', 'good.jsonl'], 'USAGE', /is the input/],
      [['gone.jsonl', 'openai'], 'SOURCE_NOT_FOUND', /does not exist/],
      [['notes.txt', 'openai'], 'USAGE', /cannot tell the format of the input/],
    ];
    for (const [words, code, message] of cases) await assert.rejects(convert(words), { code, message });
    assert.deepEqual(await read('good.jsonl'), GOOD);
  });

  it('does what the documentation shows', async () => {
    const page = await readFile(join(ROOT, 'docs', 'training-formats.md'), 'utf8');
    const commands = /```sh\n([^]*?)```/.exec(page)![1]!.trim().split('\n');
    assert.equal(commands.length, 4);
    for (const command of commands) {
      const words = command.split(' ').slice(1).map((word) => (word.startsWith('examples/') ? join(ROOT, word) : word));
      const { exitCode, errors } = await place.syngraph(words);
      assert.equal(exitCode, 0, `${command}: ${errors}`);
    }
    const counts = await Promise.all(['pairs.jsonl', 'pairs_oasst.jsonl', 'pairs.trl-preference.jsonl', 'pairs.json', 'chat.parquet'].map(async (name) => (await read(name)).length));
    assert.deepEqual(counts, [6, 18, 6, 6, 6]);
  });
});
