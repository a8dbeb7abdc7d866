import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { readSourceIdentity, sourceChanged } from '../../../activities/data/source-identity.ts';
import { diskSource, fileWith } from './helpers.ts';

describe('the identity of a file', () => {
  test('is the sha256 of its content', async () => {
    const path = await fileWith('{"a":1}\n', 'rows.jsonl');
    const identity = await readSourceIdentity(diskSource({ path }), {});
    assert.equal(
      identity.version,
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
    assert.deepEqual([identity.name, identity.bytes], [path, 8]);
  });

  test('stays when the file is only touched, and changes with its size or content', async () => {
    const path = await fileWith('{"a":1}\n', 'rows.jsonl');
    const source = diskSource({ path });
    const identity = await readSourceIdentity(source, {});
    assert.equal(await sourceChanged(source, identity), false);
    await utimes(path, new Date(), new Date(Date.now() + 10_000));
    assert.equal(await sourceChanged(source, identity), false);
    await writeFile(path, '{"a":2}\n');
    await utimes(path, new Date(), new Date(Date.now() + 20_000));
    assert.equal(await sourceChanged(source, identity), true);
    await appendFile(path, '{"a":3}\n');
    assert.equal(await sourceChanged(source, identity), true);
  });

  test('of a file that is gone is an error', async () => {
    const path = await fileWith('{"a":1}\n', 'rows.jsonl');
    const identity = await readSourceIdentity(diskSource({ path }), {});
    await rm(path);
    await assert.rejects(sourceChanged(diskSource({ path }), identity), { code: 'SOURCE_NOT_FOUND' });
    await assert.rejects(readSourceIdentity(diskSource({ path }), {}), { code: 'SOURCE_NOT_FOUND' });
  });
});
