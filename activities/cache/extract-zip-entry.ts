import { open, type FileHandle } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

interface ZipEntry {
  name: string;
  method: number;
  compressedBytes: number;
  bytes: number;
  headerOffset: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
/** The end record and the longest comment that may follow it. */
const LONGEST_END = 22 + 65_535;

/**
 * Writes the one entry that `wanted` accepts to a file. Reads plain zip files (no zip64, no
 * encryption), as wheels are. Layout: PKWARE APPNOTE 4.3.
 */
export async function extractZipEntry(zipPath: string, wanted: (name: string) => boolean, target: string): Promise<void> {
  const file = await open(zipPath, 'r');
  try {
    const entry = (await listEntries(file)).find(({ name }) => wanted(name));
    if (entry === undefined) throw new Error(`${zipPath} has no entry of that name`);
    const header = await readAt(file, entry.headerOffset, 30);
    const start = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const compressed = createReadStream(zipPath, { start, end: start + entry.compressedBytes - 1 });
    const output = createWriteStream(target);
    await pipeline(compressed, decoder(entry), output);
    if (output.bytesWritten !== entry.bytes) throw new Error(`${entry.name} has ${output.bytesWritten} bytes, not ${entry.bytes}`);
  } finally {
    await file.close();
  }
}

function decoder(entry: ZipEntry): NodeJS.ReadWriteStream {
  if (entry.method === 0) return new PassThrough();
  if (entry.method === 8) return createInflateRaw();
  throw new Error(`${entry.name} is compressed by method ${entry.method}, which is not read here`);
}

async function listEntries(file: FileHandle): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - LONGEST_END);
  const tail = await readAt(file, tailStart, size - tailStart);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || tail.length - end < 22 || tail.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('not a zip file');
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY; ) {
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  if (position + length > size) throw new Error('the zip file is cut off');
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}
