/**
 * Runs in a worker thread: decodes one Parquet file. The decoder panics on some broken files, which
 * in the main thread would end the process; here it ends a thread, and one source is invalid.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { ParquetFile, type RecordBatch } from 'parquet-wasm';
import type { FromParquetThread, ParquetThreadData, ToParquetThread } from './parquet-protocol.ts';

/** A file whose bytes the owner of this thread reads. The decoder asks it for slices only. */
class RemoteBlob extends Blob {
  readonly #link: OwnerLink;
  readonly #start: number;
  readonly #end: number;

  constructor(link: OwnerLink, start: number, end: number) {
    super([]);
    this.#link = link;
    this.#start = start;
    this.#end = end;
    // Blob's own getter would say 0; TypeScript has it as a property, so a getter cannot override it.
    Object.defineProperty(this, 'size', { value: end - start });
  }

  override slice(start = 0, end = this.size): Blob {
    return new RemoteBlob(this.#link, this.#start + start, Math.min(this.#start + end, this.#end));
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.#link.read(this.#start, this.#end);
    return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  }
}

class OwnerLink {
  readonly #port: MessagePort;
  readonly #waiting = new Map<
    number,
    { resolve: (bytes: Uint8Array<ArrayBuffer>) => void; reject: (error: Error) => void }
  >();
  #requests = 0;
  #onNext: (() => void) | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: ToParquetThread) => this.#receive(message));
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const id = (this.#requests += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.send({ kind: 'range', id, start, end });
    });
  }

  send(message: FromParquetThread, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** Resolves when the owner wants more. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => (this.#onNext = resolve));
  }

  #receive(message: ToParquetThread): void {
    if (message.kind === 'next') {
      this.#onNext?.();
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'bytes') waiting?.resolve(message.bytes);
    else waiting?.reject(new Error(message.message));
  }
}

/** Of a batch: it is copied several times on its way. */
const BATCH_BYTES = 16 * 1024 * 1024;

/** Rows of the file's largest kind, such as those with images, that make a batch. */
function rowsThatFit(file: ParquetFile): number {
  const rowBytes = file.metadata().rowGroups().map((group) => group.totalByteSize() / Math.max(1, group.numRows()));
  return Math.max(1, Math.floor(BATCH_BYTES / Math.max(1, ...rowBytes)));
}

async function decode(link: OwnerLink, { bytes, batchRows }: ParquetThreadData): Promise<void> {
  const file = await ParquetFile.fromFile(new RemoteBlob(link, 0, bytes));
  link.send({ kind: 'schema', ipc: file.schema().intoIPCStream() });
  await link.next();
  const stream = (await file.stream({ batchSize: Math.min(batchRows, rowsThatFit(file)), concurrency: 1 })) as ReadableStream<RecordBatch>;
  for await (const batch of stream) {
    const ipc = batch.intoIPCStream();
    link.send({ kind: 'batch', ipc }, [ipc.buffer as ArrayBuffer]);
    await link.next();
  }
  link.send({ kind: 'end' });
}

if (parentPort === null) throw new Error('parquet-thread runs in a worker thread only');
const link = new OwnerLink(parentPort);
try {
  await decode(link, workerData as ParquetThreadData);
} catch (error) {
  link.send({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
}
// The owner ends the thread; until then the port keeps it alive.
