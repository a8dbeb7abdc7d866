import { PassThrough, Writable } from 'node:stream';
import type { Upload } from '@aws-sdk/lib-storage';

/** Parts of an upload: of the largest objects that S3 takes, 10,000 of them are 156 GB. */
export const UPLOAD_PART_BYTES = 16 * 1024 * 1024;

/** Parts under way at a time. */
export const UPLOAD_PARTS = 3;

type Callback = (error?: Error | null) => void;

/** Uploads in parts what is written; the object is there when the stream has finished. A destroyed stream leaves nothing. */
export class S3WriteStream extends Writable {
  readonly #start: (body: PassThrough) => Promise<Upload>;
  readonly #describeError: (error: unknown) => Error;
  readonly #body = new PassThrough({ highWaterMark: 1024 * 1024 });
  #upload: Upload | null = null;
  #done: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;

  constructor(options: { start: (body: PassThrough) => Promise<Upload>; describeError: (error: unknown) => Error }) {
    super({ highWaterMark: 1024 * 1024 });
    this.#start = options.start;
    this.#describeError = options.describeError;
  }

  override _construct(callback: Callback): void {
    this.#start(this.#body).then(
      (upload) => {
        this.#upload = upload;
        this.#done = upload.done();
        this.#done.catch((error: unknown) => {
          this.#failure = this.#describeError(error);
          // Whoever waits for room in the body waits in vain.
          this.destroy(this.#failure);
        });
        callback();
      },
      (error: unknown) => callback(this.#describeError(error)),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    if (this.#failure !== null) callback(this.#failure);
    else if (this.#body.write(chunk)) callback();
    else this.#body.once('drain', () => callback());
  }

  override _final(callback: Callback): void {
    this.#body.end();
    this.#done.then(
      () => callback(),
      (error: unknown) => callback(this.#describeError(error)),
    );
  }

  override _destroy(error: Error | null, callback: Callback): void {
    if (this.writableFinished || this.#upload === null) return callback(error);
    // A body that breaks off has the upload remove its parts before it is done; aborting it would not wait for that.
    this.#body.on('error', () => undefined);
    this.#body.destroy(new Error('The upload was given up'));
    void this.#done.catch(() => undefined).then(() => callback(error));
  }
}
