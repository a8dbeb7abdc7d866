import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createS3Store } from '../../../activities/store/s3/s3-store.ts';
import { formatS3Address, parseS3Address } from '../../../activities/store/s3/s3-address.ts';
import type { Store } from '../../../activities/store/store.ts';
import { startS3Server, type S3TestServer } from '../../support/s3-server.ts';
import { itKeepsTheContract } from './store-contract.ts';

describe('S3 store', () => {
  let server: S3TestServer;
  let folder: string;
  let store: Store;
  before(async () => {
    // Pages of two keys: whoever lists has to ask for the next one.
    server = await startS3Server({ pageSize: 2 });
    folder = await mkdtemp(join(tmpdir(), 'syngraph-s3-copies-'));
    Object.assign(process.env, server.environment);
    store = createS3Store({ address: 's3://data/some/prefix/', copiesFolder: folder });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  itKeepsTheContract(() => store);

  it('keeps everything below its prefix, or in the whole bucket', async () => {
    await store.write('placed', 'x');
    assert.equal(server.objects.get('data/some/prefix/placed')?.content.toString(), 'x');
    const whole = createS3Store({ address: 's3://data', copiesFolder: folder });
    assert.deepEqual(await whole.list(''), ['some/']);
    assert.equal((await whole.read('some/prefix/placed'))?.toString(), 'x');
  });

  it('leaves no upload open, finished or given up', async () => {
    const stream = store.openWrite('given-up');
    stream.write(Buffer.alloc(20 * 1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 100));
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    assert.equal(await store.size('given-up'), null);
    assert.equal(server.openUploads(), 0);
  });

  it('reads on where a connection was cut, whole or in a stream', async () => {
    const content = Buffer.from(Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`).join(''));
    await store.write('cut', content);
    Object.assign(server.faults, { cutAfter: 10_000, cuts: 2 });
    assert.ok((await store.read('cut'))?.equals(content));
    Object.assign(server.faults, { cutAfter: 10_000, cuts: 3 });
    assert.ok(Buffer.concat((await store.openRead('cut').toArray()) as Buffer[]).equals(content));
    assert.equal(server.faults.cuts, 0);
  });

  it('fetches a local copy once, and none half', async () => {
    await store.write('code/two.mjs', 'x'.repeat(100_000));
    Object.assign(server.faults, { cutAfter: 1_000, cuts: 1 });
    const paths = await Promise.all(Array.from({ length: 5 }, () => store.localPath('code/two.mjs')));
    assert.equal(new Set(paths).size, 1);
    assert.deepEqual((await readdir(join(paths[0] ?? '', '..'))).filter((name) => name.includes('two.mjs')).sort(), ['two.mjs', 'two.mjs.etag']);
    assert.equal(await readFile(paths[0] ?? '', 'utf8'), 'x'.repeat(100_000));
    await assert.rejects(store.localPath('code/absent.mjs'), { code: 'STORE_INVALID', message: /has no code\/absent/ });
  });

  it('tells a store that is closed to us from one that is not there', async () => {
    server.faults.denial = 'AccessDenied';
    await assert.rejects(store.write('a', 'x'), { code: 'STORE_DENIED', message: /s3:\/\/data\/some\/prefix.*AccessDenied/, nextStep: /AWS_ACCESS_KEY_ID/ });
    server.faults.denial = 'ExpiredToken';
    await assert.rejects(store.read('a'), { code: 'STORE_DENIED' });
    server.faults.denial = null;
    await assert.rejects(createS3Store({ address: 's3://absent/x', copiesFolder: folder }).list(''), { code: 'STORE_INVALID', message: /NoSuchBucket/ });
    const elsewhere = createS3Store({ address: 's3://data', copiesFolder: folder, environment: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' } });
    await assert.rejects(elsewhere.read('a'), { code: 'STORE_UNAVAILABLE', message: /ECONNREFUSED/ });
  });

  it('waits for a store that is busy', async () => {
    server.faults.isDown = true;
    setTimeout(() => (server.faults.isDown = false), 300);
    await store.write('patient', 'x');
    assert.equal((await store.read('patient'))?.toString(), 'x');
  });

  it('reads addresses, and refuses what is none', () => {
    assert.deepEqual(parseS3Address('s3://data/a/b/'), { bucket: 'data', prefix: 'a/b' });
    assert.equal(formatS3Address(parseS3Address('S3://data')), 's3://data');
    for (const wrong of ['s3://', 's3://x/../y', 's3://data//a', 's3:/data', 'https://data/x', 's3://da ta/x']) {
      assert.throws(() => parseS3Address(wrong), { code: 'USAGE' }, wrong);
    }
  });
});
