import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeFolder } from '../../../activities/store/make-folder.ts';

describe('makeFolder', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-folder-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('makes a folder with those above it, also where several ask at once', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)));
    await makeFolder(path);
    assert.ok((await stat(path)).isDirectory());
  });

  it('fails where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(makeFolder(join(folder, 'file')), { code: 'EEXIST' });
    await assert.rejects(makeFolder(join(folder, 'file', 'below')), { code: 'ENOTDIR' });
  });

  it('fails where the file system has no room for folders', { skip: process.platform !== 'linux' }, async () => {
    await assert.rejects(makeFolder('/proc/syngraph/deep/store'), { code: 'ENOENT' });
  });
});
