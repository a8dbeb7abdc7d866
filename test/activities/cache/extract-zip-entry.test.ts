import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { extractZipEntry } from '../../../activities/cache/extract-zip-entry.ts';

interface Entry {
  name: string;
  content: Uint8Array;
  isDeflated: boolean;
}

/** A zip file as PKWARE's APPNOTE describes it. */
function zip(entries: Entry[], comment: string): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isDeflated } of entries) {
    const data = isDeflated ? deflateRawSync(content) : Buffer.from(content);
    const nameBytes = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(isDeflated ? 8 : 0, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, nameBytes, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), shared, rest, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...locals, central, end, Buffer.from(comment)]);
}

describe('extractZipEntry', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-zip-'));
  });
  after(() => rm(folder, { recursive: true }));

  const extract = async (archive: Uint8Array, name: string): Promise<Buffer> => {
    await writeFile(join(folder, 'a.zip'), archive);
    await extractZipEntry(join(folder, 'a.zip'), (candidate) => candidate === name, join(folder, 'out'));
    return readFile(join(folder, 'out'));
  };

  it('writes the entry asked for, whatever lies around it', async () => {
    const entry = fc.record({ content: fc.uint8Array({ minLength: 1, maxLength: 2000 }), isDeflated: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 4 }), fc.string({ maxLength: 20 }), async (entries, comment) => {
        const named = entries.map((each, index) => ({ ...each, name: `folder/${index}.bin` }));
        const last = named[named.length - 1] as Entry;
        assert.deepEqual(new Uint8Array(await extract(zip(named, comment), last.name)), last.content);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what is no zip file, is cut off, or lacks the entry', async () => {
    const whole = zip([{ name: 'x', content: Buffer.from('content of x'), isDeflated: true }], '');
    await assert.rejects(extract(Buffer.from('<html>not found</html>'), 'x'), /not a zip file/);
    await assert.rejects(extract(whole.subarray(20), 'x'), /cut off|Error/);
    await assert.rejects(extract(whole, 'y'), /no entry of that name/);
  });
});
