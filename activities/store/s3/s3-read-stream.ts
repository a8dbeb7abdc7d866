import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A piece of an object: what the connection has given until it ended or was cut. */
export interface ObjectBody {
  body: AsyncIterable<Uint8Array>;
  /** Tells whether the object is still the same when the rest is asked for. */
  etag: string;
}

/** Connections that may be cut one after the other without a byte between them. */
const TRIES = 5;

const PAUSE_MILLISECONDS = 300;

export interface S3ReadStreamOptions {
  open: (from: { offset: number; etag: string | null }) => Promise<ObjectBody>;
  describeError: (error: unknown) => Error;
}

/** Reads an object from its beginning; a connection that is cut goes on where it was. */
export function createS3ReadStream(options: S3ReadStreamOptions): Readable {
  return Readable.from(chunks(options), { objectMode: false, highWaterMark: 256 * 1024 });
}

async function* chunks({ open, describeError }: S3ReadStreamOptions): AsyncGenerator<Buffer> {
  let offset = 0;
  let etag: string | null = null;
  for (let failures = 0; ; ) {
    const opened = await open({ offset, etag });
    etag = opened.etag;
    try {
      for await (const chunk of opened.body) {
        offset += chunk.length;
        failures = 0;
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      }
      return;
    } catch (error) {
      failures += 1;
      if (failures >= TRIES) throw describeError(error);
      await sleep(PAUSE_MILLISECONDS * failures);
    }
  }
}
