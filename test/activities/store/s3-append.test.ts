import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partKey, withoutSpentParts } from '../../../activities/store/s3/part-keys.ts';
import { S3Append } from '../../../activities/store/s3/s3-append.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';

const unavailable = (): SyngraphError => new SyngraphError({ code: 'STORE_UNAVAILABLE', message: 'down' });

/** A bucket that can be down. */
function bucket(): { objects: Map<string, string>; write: (key: string, content: string) => Promise<void>; remove: (keys: string[]) => Promise<void>; setDown: (down: boolean) => void } {
  const objects = new Map<string, string>();
  let isDown = false;
  return {
    objects,
    setDown: (down) => (isDown = down),
    write: (key, content) => {
      if (isDown) return Promise.reject(unavailable());
      objects.set(key, content);
      return Promise.resolve();
    },
    remove: (keys) => {
      for (const key of keys) objects.delete(key);
      return Promise.resolve();
    },
  };
}

describe('journal in a bucket', () => {
  it('writes an object for each flush, and one for all when it closes', async () => {
    const { objects, ...options } = bucket();
    const file = new S3Append({ key: 'j/1-0000-001-ab.jsonl', ...options });
    await file.append('a\n');
    await file.flush();
    await file.append('b\n');
    await file.flush();
    assert.deepEqual([...objects], [['j/1-0000-001-ab~000000.jsonl', 'a\n'], ['j/1-0000-001-ab~000001.jsonl', 'b\n']]);
    await file.append('c\n');
    await file.close();
    assert.deepEqual([...objects], [['j/1-0000-001-ab.jsonl', 'a\nb\nc\n']]);
  });

  it('leaves nothing where nothing was appended', async () => {
    const { objects, ...options } = bucket();
    const file = new S3Append({ key: 'j/empty.jsonl', ...options });
    await file.flush();
    await file.close();
    assert.equal(objects.size, 0);
  });

  it('is stalled while the bucket is away, holds up who appends, and loses nothing', async () => {
    const { objects, setDown, ...options } = bucket();
    const file = new S3Append({ key: 'j/one.jsonl', ...options });
    setDown(true);
    await file.append('a\n');
    while (!file.isStalled) await new Promise((resolve) => setTimeout(resolve, 50));
    let held = true;
    const later = file.append('b\n').then(() => (held = false));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(held, true);
    setDown(false);
    await file.settled();
    await later;
    assert.equal(file.isStalled, false);
    await file.close();
    assert.deepEqual([...objects], [['j/one.jsonl', 'a\nb\n']]);
  });

  it('fails for good when the bucket stays away, and tells everybody', async () => {
    const { setDown, ...options } = bucket();
    const file = new S3Append({ key: 'j/lost.jsonl', ...options, patienceMilliseconds: 0 });
    setDown(true);
    await file.append('a\n');
    await assert.rejects(file.flush(), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(file.append('b\n'), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(file.settled(), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(file.close(), { code: 'STORE_UNAVAILABLE' });
  });

  it('names parts so that they sort in the order of their writing, between files of neighbouring attempts', () => {
    const name = fc.stringMatching(/^[0-9a-z-]{1,12}(\.[a-z]{1,7})?$/);
    fc.assert(
      fc.property(name, fc.nat(999_998), (key, number) => {
        assert.ok(partKey(`j/${key}`, number) < partKey(`j/${key}`, number + 1));
        assert.deepEqual(withoutSpentParts([partKey(`j/${key}`, number)]), [partKey(`j/${key}`, number)]);
        assert.deepEqual(withoutSpentParts([partKey(`j/${key}`, number), `j/${key}`]), [`j/${key}`]);
      }),
    );
    const keys = ['j/1-0000-001-ff.jsonl', partKey('j/1-0000-002-aa.jsonl', 0), partKey('j/1-0000-002-aa.jsonl', 1), 'j/1-0000-003-00.jsonl'];
    assert.deepEqual([...keys].sort(), keys);
  });
});
