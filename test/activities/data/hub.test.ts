import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pushToHub, type PushToHubOptions } from '../../../activities/data/hub-sink.ts';
import { sampleColumns } from '../../../activities/data/sample-source.ts';
import { readSourceIdentity } from '../../../activities/data/source-identity.ts';
import { writeOutput } from '../../../activities/data/write-output.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { HubSourcePlan } from '../../../pipeline/plan.ts';
import { FakeHub } from './fake-hub.ts';
import { asStream, parquetRows, readRows, temporaryFolder } from './helpers.ts';

let hub: FakeHub;
let environment: NodeJS.ProcessEnv;

before(async () => {
  hub = new FakeHub();
  environment = { HF_ENDPOINT: await hub.start() };
});
after(() => hub.stop());
beforeEach(() => {
  hub.requests.length = 0;
  hub.failures = [];
  hub.cuts = [];
});

async function parquet(rows: JsonObject[]): Promise<{ path: string; content: Buffer }> {
  const path = join(await temporaryFolder(), 'part.parquet');
  await writeOutput({ rows: asStream(rows), path, format: 'parquet', encoding: 'utf-8' });
  return { path, content: await readFile(path) };
}

const source = (repoId: string, more: Partial<HubSourcePlan> = {}): HubSourcePlan => ({
  type: 'hf',
  repoId,
  configName: null,
  splits: ['train'],
  streaming: false,
  tokenVariable: null,
  transformations: [],
  onBadRecord: 'stop',
  ...more,
});

describe('a Hub source', () => {
  test('reads Parquet shards of the repository in order, by ranges, at the planned commit', async () => {
    hub.put('me/plain', {
      'README.md': '# data',
      'data/train-00001-of-00002.parquet': (await parquet([{ n: 2 }])).content,
    });
    hub.put('me/plain', {
      'data/train-00000-of-00002.parquet': (await parquet([{ n: 1 }])).content,
      'data/test-00000-of-00001.parquet': (await parquet([{ n: 9 }])).content,
    });
    const identity = await readSourceIdentity(source('me/plain'), environment);
    hub.put('me/plain', { 'data/train-00000-of-00002.parquet': 'overwritten since' });
    assert.deepEqual(await readRows({ source: source('me/plain'), environment, identity }), [{ n: 1 }, { n: 2 }]);
    assert.ok(
      hub.requests.filter(({ path }) => path.includes('.parquet')).every(({ range }) => range?.startsWith('bytes=')),
    );
    await assert.rejects(readRows({ source: source('me/plain'), environment }), {
      code: 'SOURCE_INVALID',
      message: /me\/plain\/data\/train-00000-of-00002\.parquet: it does not begin with PAR1/,
    });
  });

  test('reads the shards that are asked for, by the names that the repository has', async () => {
    hub.put('me/shards', { 'train-00000.jsonl': '{"n":0}\n', 'train-00001.jsonl': '{"n":1}\n', 'train-00002.jsonl': '{"n":2}\n' });
    const shards = (shard: NonNullable<HubSourcePlan['shard']>): Promise<JsonObject[]> =>
      readRows({ source: source('me/shards', { shard }), environment });
    assert.deepEqual(await shards({ regex: '-0000[12]\\.jsonl$', index: null }), [{ n: 1 }, { n: 2 }]);
    assert.deepEqual(await shards({ regex: null, index: [2, 0] }), [{ n: 0 }, { n: 2 }]);
    await assert.rejects(shards({ regex: 'parquet$', index: null }), { code: 'SOURCE_NOT_FOUND', message: /0 of 3 match its regex/ });
  });

  test('reads several splits one after the other', async () => {
    hub.put('me/splits', { 'train.jsonl': '{"n":1}\n', 'validation.jsonl': '{"n":2}\n', 'test.csv': 'n\n3\n' });
    assert.deepEqual(
      await readRows({ source: source('me/splits', { splits: ['validation', 'train', 'test'] }), environment }),
      [{ n: 2 }, { n: 1 }, { n: '3' }],
    );
  });

  test('reads the Parquet that the Hub made where the repository has other formats', async () => {
    hub.put('me/converted', { 'train.csv': 'n\n1\n' });
    hub.put(
      'me/converted',
      {
        'default/train/0000.parquet': (await parquet([{ n: 1 }])).content,
        'default/partial-test/0000.parquet': 'part',
      },
      'refs/convert/parquet',
    );
    const identity = await readSourceIdentity(source('me/converted'), environment);
    assert.match(identity.version, /^refs\/convert\/parquet@[0-9a-f]{40}$/);
    assert.deepEqual(await readRows({ source: source('me/converted'), environment, identity }), [{ n: 1 }]);
  });

  test('follows the files that the card names for a configuration', async () => {
    const card =
      '---\nconfigs:\n- config_name: small\n  data_files:\n  - split: train\n    path: odd/*.jsonl\n- config_name: big\n  data_files: "**/b?.jsonl"\n---\n# hello';
    hub.put('me/card', { 'README.md': card, 'odd/a.jsonl': '{"n":1}\n', 'odd/deep/b1.jsonl': '{"n":2}\n' });
    assert.deepEqual(await readRows({ source: source('me/card', { configName: 'small' }), environment }), [{ n: 1 }]);
    assert.deepEqual(await readRows({ source: source('me/card', { configName: 'big' }), environment }), [{ n: 2 }]);
    await assert.rejects(readRows({ source: source('me/card'), environment }), {
      code: 'SOURCE_NOT_FOUND',
      message: /needs a config_name: it has small, big/,
    });
    await assert.rejects(
      readRows({ source: source('me/card', { configName: 'small', splits: ['test'] }), environment }),
      { message: /no split 'test': it has train/ },
    );
  });

  test('tells its columns from a Parquet schema or the first rows', async () => {
    hub.put('me/columns', {
      'data/train-00000-of-00001.parquet': (await parquet([{ n: 1, m: 'x' }])).content,
      'validation.jsonl': '{"a":1}\n',
    });
    assert.deepEqual(await sampleColumns(source('me/columns'), environment), { columns: ['n', 'm'], sample: null });
    assert.deepEqual(await sampleColumns(source('me/columns', { splits: ['validation'] }), environment), {
      columns: ['a'],
      sample: { a: 1 },
    });
  });

  test('is not found by a wrong name, and says so of a split without files', async () => {
    await assert.rejects(readRows({ source: source('me/nothing'), environment }), {
      code: 'SOURCE_NOT_FOUND',
      message: /no dataset me\/nothing/,
    });
    hub.put('me/empty', { 'README.md': 'x' });
    await assert.rejects(readSourceIdentity(source('me/empty'), environment), {
      code: 'SOURCE_NOT_FOUND',
      message: /me\/empty has no split 'train'/,
    });
  });

  test('tries again when the Hub is busy or cuts a body', async () => {
    hub.put('me/shaky', {
      'data/train-00000-of-00001.parquet': (await parquet([{ n: 1, text: 'x'.repeat(1000) }])).content,
    });
    hub.failures = [
      { status: 503, match: /tree/ },
      { status: 429, match: /cdn/ },
    ];
    hub.cuts = [100];
    assert.equal((await readRows({ source: source('me/shaky'), environment })).length, 1);
  });

  test('names the cause when access is refused, without the token', async () => {
    hub.put('me/gated', { 'train.jsonl': '{"n":1}\n' });
    hub.failures = [{ status: 403, match: /me\/gated/ }];
    const secret = { ...environment, HF_TOKEN: 'hf_verysecret' };
    await assert.rejects(
      readRows({ source: source('me/gated'), environment: secret }),
      (error: Error & { code: string; nextStep: string }) => {
        assert.equal(error.code, 'SOURCE_INVALID');
        assert.match(error.message, /me\/gated \(HTTP 403\)/);
        assert.doesNotMatch(JSON.stringify(error) + error.stack + error.nextStep, /verysecret/);
        return true;
      },
    );
    assert.equal(hub.requests[0]?.authorization, 'Bearer hf_verysecret');
  });

  test('takes the token from the variable that the pipeline names', async () => {
    hub.put('me/named', { 'train.jsonl': '{"n":1}\n' });
    await readRows({
      source: source('me/named', { tokenVariable: 'MY_TOKEN' }),
      environment: { ...environment, HF_TOKEN: 'hf_other', MY_TOKEN: 'hf_mine' },
    });
    assert.equal(hub.requests[0]?.authorization, 'Bearer hf_mine');
    await assert.rejects(readRows({ source: source('me/named', { tokenVariable: 'MY_TOKEN' }), environment }), {
      message: /MY_TOKEN.* is not set/,
    });
    await assert.rejects(
      readRows({ source: source('me/named'), environment: { ...environment, HF_TOKEN: 'secret' } }),
      (error: Error) => /HF_TOKEN is not a Hub token/.test(error.message) && !error.message.includes('secret'),
    );
  });

  test('refuses an address that is none', async () => {
    await assert.rejects(readRows({ source: source('me/x'), environment: { HF_ENDPOINT: 'hub.local' } }), {
      message: /HF_ENDPOINT is not an http/,
    });
  });
});

describe('pushing to the Hub', () => {
  const push = async (options: Partial<PushToHubOptions> & { files: string[] }) =>
    pushToHub({
      repoId: 'me/out',
      configName: null,
      split: 'train',
      private: true,
      tokenVariable: null,
      environment: { ...environment, HF_TOKEN: 'hf_write' },
      commitMessage: 'Add records',
      signal: new AbortController().signal,
      ...options,
    });

  test('makes the repository, uploads the split, names it in the card, and can be read back', async () => {
    const { path } = await parquet([{ n: 1 }, { n: 2 }]);
    const { changed, url } = await push({ files: [path] });
    assert.ok(changed);
    assert.equal(url, `${environment['HF_ENDPOINT']}/datasets/me/out`);
    assert.deepEqual(hub.created, [{ name: 'out', organization: 'me' }]);
    assert.match(
      hub.files('me/out')['README.md']?.toString() ?? '',
      /config_name: default[\s\S]*split: train[\s\S]*path: data\/train-\*/,
    );
    assert.deepEqual(await readRows({ source: source('me/out'), environment }), [{ n: 1 }, { n: 2 }]);
  });

  test('does nothing when the split is already so', async () => {
    const { path } = await parquet([{ n: 1 }, { n: 2 }]);
    const { commit } = await push({ repoId: 'me/again', files: [path] });
    const { commits } = hub;
    assert.deepEqual(await push({ repoId: 'me/again', files: [path] }), {
      commit,
      url: `${environment['HF_ENDPOINT']}/datasets/me/again`,
      changed: false,
    });
    assert.equal(hub.commits, commits);
  });

  test('replaces the shards of the split in one commit and leaves everything else', async () => {
    hub.put('me/keep', {
      'README.md':
        '---\nlicense: mit # mine\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: data/test-*\n---\n# Title\n',
      'data/train-00000-of-00002.parquet': 'old',
      'data/train-00001-of-00002.parquet': 'old',
      'data/test-00000-of-00001.parquet': 'kept',
      'notes.txt': 'kept',
    });
    const { commits } = hub;
    await push({ repoId: 'me/keep', files: [(await parquet([{ n: 7 }])).path] });
    const files = hub.files('me/keep');
    assert.equal(hub.commits, commits + 1);
    assert.deepEqual(Object.keys(files).sort(), [
      'README.md',
      'data/test-00000-of-00001.parquet',
      'data/train-00000-of-00001.parquet',
      'notes.txt',
    ]);
    const card = files['README.md']?.toString() ?? '';
    assert.match(card, /^---\nlicense: mit # mine\n/);
    assert.match(card, /split: test[\s\S]*split: train/);
    assert.match(card, /# Title\n$/);
  });

  test('keeps configurations apart', async () => {
    const { path } = await parquet([{ n: 1 }]);
    await push({ repoId: 'me/configs', files: [path] });
    await push({ repoId: 'me/configs', files: [(await parquet([{ n: 5 }])).path, path], configName: 'extra' });
    assert.deepEqual(await readRows({ source: source('me/configs', { configName: 'extra' }), environment }), [
      { n: 5 },
      { n: 1 },
    ]);
    assert.deepEqual(await readRows({ source: source('me/configs'), environment }), [{ n: 1 }]);
  });

  test('needs a token, and tells of a refusal', async () => {
    const { path } = await parquet([{ n: 1 }]);
    await assert.rejects(push({ files: [path], environment }), { code: 'SINK_FAILED', message: /needs a token/ });
    hub.failures = [{ status: 403, match: /commit/ }];
    await assert.rejects(push({ repoId: 'me/denied', files: [path] }), {
      code: 'SINK_FAILED',
      message: /me\/denied \(HTTP 403\)/,
    });
    assert.equal((await parquetRows(path)).length, 1);
  });
});
