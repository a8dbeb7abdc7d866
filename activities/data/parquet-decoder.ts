import type { Worker } from 'node:worker_threads';
import type { ByteRanges } from './byte-ranges.ts';
import { startThread } from './start-thread.ts';
import type { FromParquetThread, ParquetThreadData, ToParquetThread } from './parquet-protocol.ts';

type Told = Exclude<FromParquetThread, { kind: 'range' }>;

/** The owner's end of a thread that decodes one Parquet file: serves it bytes and takes what it tells. */
export class ParquetDecoder {
  readonly #worker: Worker;
  readonly #ranges: ByteRanges;
  #resolve: ((told: Told) => void) | null = null;
  #pending: Told[] = [];
  /** The first error that is not the file's content, such as one of reading bytes; the decoder would repeat it in words of its own. */
  #fault: Error | null = null;

  constructor(ranges: ByteRanges, batchRows: number) {
    this.#ranges = ranges;
    const workerData: ParquetThreadData = { bytes: ranges.bytes, batchRows };
    this.#worker = startThread('parquet-thread', { workerData });
    this.#worker.on('message', (message: FromParquetThread) => {
      if (message.kind === 'range') void this.#serve(message);
      else this.#tell(message);
    });
    this.#worker.on('error', (error) => {
      if (!isDecoderDeath(error)) this.#fault ??= error;
      this.#tell({ kind: 'error', message: `the decoder failed (${error.message})` });
    });
    this.#worker.on('exit', (code) => this.#tell({ kind: 'error', message: `the decoder ended with code ${code}` }));
  }

  /** What the thread tells next. @throws what kept the thread from reading the bytes or from running at all */
  async receive(): Promise<Told> {
    const told = this.#pending.shift() ?? (await new Promise<Told>((resolve) => (this.#resolve = resolve)));
    if (told.kind === 'error' && this.#fault !== null) throw this.#fault;
    return told;
  }

  askNext(): void {
    this.#post({ kind: 'next' });
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners();
    // A thread that is being ended may still fail in its decoder.
    this.#worker.on('error', () => undefined);
    await this.#worker.terminate();
  }

  #tell(told: Told): void {
    const resolve = this.#resolve;
    this.#resolve = null;
    if (resolve === null) this.#pending.push(told);
    else resolve(told);
  }

  async #serve({ id, start, end }: Extract<FromParquetThread, { kind: 'range' }>): Promise<void> {
    try {
      if (start < 0 || end > this.#ranges.bytes || start > end) {
        throw new RangeError(`its metadata points at bytes ${start} to ${end} of ${this.#ranges.bytes}`);
      }
      const bytes = await this.#ranges.read(start, end);
      this.#post({ kind: 'bytes', id, bytes }, [bytes.buffer]);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#fault ??= fault;
      this.#post({ kind: 'unreadable', id, message: fault.message });
      // The decoder may panic instead of telling; the cause is known here already.
      this.#tell({ kind: 'error', message: fault.message });
    }
  }

  #post(message: ToParquetThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** A panic of the decoder, or a file that asks for more memory than there is. */
function isDecoderDeath(error: Error & { code?: string }): boolean {
  return error.name === 'RuntimeError' || error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
