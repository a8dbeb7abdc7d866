import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Store } from '../store/store.ts';
import { newFile, requestsKey, type BatchFile } from './batch-ledger.ts';

/** OpenAI takes 50,000 requests and 200 MB; results are read whole, so files are smaller. */
const MOST_REQUESTS = 10_000;
const MOST_BYTES = 50 * 1024 * 1024;

/** Writes requests into files that a provider takes, a line each. */
export function createRequestWriter(options: { store: Store; folder: string; firstNumber: number; round: number }): {
  write(line: string): Promise<void>;
  finish(): Promise<BatchFile[]>;
  /** After a failure. */
  destroy(): void;
} {
  const { store, folder, firstNumber, round } = options;
  const files: BatchFile[] = [];
  let open: { output: Writable; requests: number; bytes: number; file: BatchFile } | null = null;

  async function close(): Promise<void> {
    if (open === null) return;
    const { output, requests, file } = open;
    output.end();
    await once(output, 'finish');
    files.push({ ...file, requests });
    open = null;
  }

  return {
    async write(line) {
      const bytes = Buffer.byteLength(line);
      if (open !== null && (open.requests === MOST_REQUESTS || open.bytes + bytes > MOST_BYTES)) await close();
      if (open === null) {
        const file = newFile(firstNumber + files.length, { requests: 0, round });
        open = { output: store.openWrite(requestsKey(folder, file.name)), requests: 0, bytes: 0, file };
      }
      open.requests += 1;
      open.bytes += bytes;
      if (!open.output.write(line)) await once(open.output, 'drain');
    },
    async finish() {
      await close();
      return files;
    },
    destroy: () => void open?.output.destroy(),
  };
}
