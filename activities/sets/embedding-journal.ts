import type { Readable } from 'node:stream';
import type { ActivityDependencies } from '../dependencies.ts';
import type { AppendFile } from '../store/store.ts';
import type { Digest } from './digest-table.ts';
import type { SetJournal } from './set-work.ts';

/** Vectors that earlier attempts have paid for, and a file of this attempt's own for those that it pays for. */
export interface EmbeddingJournal {
  /** What is there already; vectors of torn lines are left out. */
  read(): AsyncIterable<{ digest: Digest; vector: Float32Array }>;
  /** Resolves once the vectors survive the death of this process. */
  add(entries: { digest: Digest; vector: Float32Array }[]): Promise<void>;
  close(): Promise<void>;
}

/** Lines of `<digest in hex> <little-endian float32 in base64>`, in a segment for each attempt. */
export function openEmbeddingJournal({ store }: ActivityDependencies, { folder, attempt }: SetJournal): EmbeddingJournal {
  // Opened when first needed: an attempt that finds all its vectors leaves no empty file.
  let opening: Promise<AppendFile> | null = null;
  return {
    async *read() {
      const keys = (await store.list(folder)).filter((key) => key.endsWith('.vectors')).sort();
      for (const key of keys) {
        for await (const line of linesOf(store.openRead(key))) {
          const entry = parseLine(line);
          if (entry !== null) yield entry;
        }
      }
    },
    async add(entries) {
      opening ??= store.openAppend(`${folder}/${attempt}.vectors`);
      const lines = entries.map(({ digest, vector }) => `${bytesOf(digest).toString('hex')} ${bytesOf(vector).toString('base64')} .\n`);
      await (await opening).append(lines.join(''));
    },
    async close() {
      if (opening !== null) await (await opening).close();
    },
  };
}

/** Lines are ASCII. The last one may have no end. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function bytesOf(numbers: Digest | Float32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** The dot at the end tells a whole line from one that was cut. */
function parseLine(line: string): { digest: Digest; vector: Float32Array } | null {
  const [hex = '', base64 = '', end] = line.split(' ');
  if (end !== '.' || hex.length !== 32) return null;
  // Copied: a Buffer's bytes may begin where no number can.
  const digest = new Uint8Array(Buffer.from(hex, 'hex'));
  const vector = new Uint8Array(Buffer.from(base64, 'base64'));
  return { digest: new Uint32Array(digest.buffer), vector: new Float32Array(vector.buffer) };
}
