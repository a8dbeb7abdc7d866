import { stat as statFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { assertKey } from '../key-path.ts';
import { storeError } from '../store-error.ts';
import type { AppendFile, Store, StoreEntry } from '../store.ts';
import { createLocalCopies, saveStream, type LocalCopies } from './local-copies.ts';
import { withoutSpentParts } from './part-keys.ts';
import { formatS3Address, parseS3Address, type S3Address } from './s3-address.ts';
import { S3Append } from './s3-append.ts';
import { isBehindEnd, isNoSuchKey, s3Error } from './s3-error.ts';
import { createS3ReadStream, type ObjectBody } from './s3-read-stream.ts';
import { openS3Session, type S3Session } from './s3-session.ts';
import { S3WriteStream, UPLOAD_PARTS, UPLOAD_PART_BYTES } from './s3-write-stream.ts';

/** Whole reads whose connection was cut. */
const READ_TRIES = 4;

const READ_PAUSE_MILLISECONDS = 300;

/** Keys of one request to remove. */
const REMOVED_AT_ONCE = 1_000;

export interface S3StoreOptions {
  /** `s3://bucket/prefix` */
  address: string;
  /** Where code that must be a file is copied to. */
  copiesFolder: string;
  /** Default: `process.env`. */
  environment?: NodeJS.ProcessEnv;
}

/** What a bucket can tell beyond what a store must. */
export interface BucketStore extends Store {
  /** Size in bytes and time of the last write in epoch milliseconds; null where there is none. */
  stat(key: string): Promise<{ bytes: number; modified: number } | null>;
}

/**
 * A store in a bucket. It relies on what S3 promises since December 2020: whoever reads or lists
 * after a write has succeeded sees it. Nothing is asked of the bucket before it is used.
 * @throws SyngraphError USAGE for what is no address
 */
export function createS3Store(options: S3StoreOptions): BucketStore {
  return new S3Store(options);
}

class S3Store implements BucketStore {
  readonly location: string;
  readonly #address: S3Address;
  readonly #copies: LocalCopies;
  readonly #environment: NodeJS.ProcessEnv | undefined;
  #opened: Promise<S3Session> | null = null;

  constructor({ address, copiesFolder, environment }: S3StoreOptions) {
    this.#address = parseS3Address(address);
    this.location = formatS3Address(this.#address);
    this.#copies = createLocalCopies(copiesFolder, this.location);
    this.#environment = environment;
  }

  async write(key: string, content: string | Uint8Array): Promise<void> {
    const target = this.#objectOf(key);
    const Body = typeof content === 'string' ? Buffer.from(content) : content;
    await this.#ask(({ client, sdk }) => client.send(new sdk.PutObjectCommand({ ...target, Body })));
  }

  async read(key: string): Promise<Buffer | null> {
    return this.#readWhole(this.#objectOf(key));
  }

  async readRange(key: string, offset: number, length: number): Promise<Buffer | null> {
    if (length <= 0) return (await this.size(key)) === null ? null : Buffer.alloc(0);
    try {
      return await this.#readWhole({ ...this.#objectOf(key), Range: `bytes=${offset}-${offset + length - 1}` });
    } catch (error) {
      if (isBehindEnd((error as Error).cause)) return Buffer.alloc(0);
      throw error;
    }
  }

  async stat(key: string): Promise<{ bytes: number; modified: number } | null> {
    const object = await this.#head(key);
    return object === null ? null : { bytes: object.bytes, modified: object.modified };
  }

  async size(key: string): Promise<number | null> {
    return (await this.#head(key))?.bytes ?? null;
  }

  openRead(key: string): Readable {
    const target = this.#objectOf(key);
    return createS3ReadStream({
      open: ({ offset, etag }) => this.#open(offset === 0 ? target : { ...target, Range: `bytes=${offset}-`, ...(etag === null ? {} : { IfMatch: etag }) }, key),
      describeError: (error) => s3Error(error, this.location),
    });
  }

  openWrite(key: string): Writable {
    const target = this.#objectOf(key);
    return new S3WriteStream({
      start: async (Body) => {
        const { client, sdk } = await this.#session();
        return new sdk.Upload({ client, params: { ...target, Body }, partSize: UPLOAD_PART_BYTES, queueSize: UPLOAD_PARTS });
      },
      describeError: (error) => s3Error(error, this.location),
    });
  }

  openAppend(key: string): Promise<AppendFile> {
    assertKey(key);
    return Promise.resolve(
      new S3Append({
        key,
        write: (part, content) => this.write(part, content),
        remove: (keys) => this.#removeAll(keys),
      }),
    );
  }

  async list(folder: string): Promise<string[]> {
    const key = folder.replace(/\/$/, '');
    const { Bucket, Key } = key === '' ? { Bucket: this.#address.bucket, Key: this.#address.prefix } : this.#objectOf(key);
    const Prefix = Key === '' ? '' : `${Key}/`;
    const cut = this.#address.prefix === '' ? 0 : this.#address.prefix.length + 1;
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const request = { Bucket, Prefix, Delimiter: '/', ...(ContinuationToken === undefined ? {} : { ContinuationToken }) };
      const page = await this.#ask(({ client, sdk }) => client.send(new sdk.ListObjectsV2Command(request)));
      for (const { Key: found } of page.Contents ?? []) if (found !== undefined && found !== Prefix) keys.push(found.slice(cut));
      for (const { Prefix: found } of page.CommonPrefixes ?? []) if (found !== undefined) keys.push(found.slice(cut));
      ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
    return withoutSpentParts(keys);
  }

  async remove(key: string): Promise<void> {
    const target = this.#objectOf(key);
    await this.#ask(({ client, sdk }) => client.send(new sdk.DeleteObjectCommand(target))).catch((error: unknown) => {
      if (!isNoSuchKey((error as Error).cause)) throw error;
    });
  }

  async *entries(folder: string): AsyncGenerator<StoreEntry> {
    for await (const { key, bytes, modified } of this.#everything(folder)) yield { key, bytes, modified };
  }

  async removeFolder(folder: string): Promise<void> {
    let keys: string[] = [];
    for await (const { key } of this.#everything(folder)) {
      keys.push(key);
      if (keys.length < REMOVED_AT_ONCE) continue;
      await this.#removeAll(keys);
      keys = [];
    }
    await this.#removeAll(keys);
  }

  async localPath(key: string): Promise<string> {
    const object = await this.#head(key);
    if (object === null) throw this.#gone(key);
    return this.#onDisk(() => this.#copies.pathOf({ key, etag: object.etag, open: () => this.openRead(key) }));
  }

  async copyTo(key: string, path: string): Promise<void> {
    const isThere = await statFile(path).then(
      () => true,
      () => false,
    );
    if (!isThere) await this.#onDisk(() => saveStream(this.openRead(key), path));
  }

  /** Spent parts included. */
  async *#everything(folder: string): AsyncGenerator<StoreEntry> {
    const key = folder.replace(/\/$/, '');
    const { bucket: Bucket, prefix } = this.#address;
    const Prefix = key === '' ? (prefix === '' ? '' : `${prefix}/`) : `${this.#objectOf(key).Key}/`;
    const cut = prefix === '' ? 0 : prefix.length + 1;
    let ContinuationToken: string | undefined;
    do {
      const request = { Bucket, Prefix, ...(ContinuationToken === undefined ? {} : { ContinuationToken }) };
      const page = await this.#ask(({ client, sdk }) => client.send(new sdk.ListObjectsV2Command(request)));
      for (const { Key, Size = 0, LastModified } of page.Contents ?? []) {
        if (Key !== undefined && Key !== Prefix) yield { key: Key.slice(cut), bytes: Size, modified: LastModified?.getTime() ?? 0 };
      }
      ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  #objectOf(key: string): { Bucket: string; Key: string } {
    assertKey(key);
    const { bucket, prefix } = this.#address;
    return { Bucket: bucket, Key: prefix === '' ? key : `${prefix}/${key}` };
  }

  #session(): Promise<S3Session> {
    this.#opened ??= openS3Session(this.#environment);
    return this.#opened;
  }

  async #ask<Answer>(request: (session: S3Session) => Promise<Answer>): Promise<Answer> {
    try {
      return await request(await this.#session());
    } catch (error) {
      throw s3Error(error, this.location);
    }
  }

  async #head(key: string): Promise<{ bytes: number; etag: string; modified: number } | null> {
    const target = this.#objectOf(key);
    try {
      const { ContentLength = 0, ETag = '', LastModified } = await this.#ask(({ client, sdk }) => client.send(new sdk.HeadObjectCommand(target)));
      return { bytes: ContentLength, etag: ETag, modified: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (isNoSuchKey((error as Error).cause)) return null;
      throw error;
    }
  }

  async #get(request: GetObjectCommandInput): Promise<GetObjectCommandOutput | null> {
    try {
      return await this.#ask(({ client, sdk }) => client.send(new sdk.GetObjectCommand(request)));
    } catch (error) {
      if (isNoSuchKey((error as Error).cause)) return null;
      throw error;
    }
  }

  /** The SDK repeats requests, but not the reading of their bodies. */
  async #readWhole(request: GetObjectCommandInput): Promise<Buffer | null> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#get(request);
      if (answer === null) return null;
      try {
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      } catch (error) {
        if (tries === READ_TRIES) throw s3Error(error, this.location);
        await sleep(READ_PAUSE_MILLISECONDS * tries);
      }
    }
  }

  async #open(request: GetObjectCommandInput, key: string): Promise<ObjectBody> {
    const answer = await this.#get(request);
    if (answer === null) throw this.#gone(key);
    return { body: (answer.Body ?? []) as AsyncIterable<Uint8Array>, etag: answer.ETag ?? '' };
  }

  async #removeAll(keys: string[]): Promise<void> {
    for (let first = 0; first < keys.length; first += REMOVED_AT_ONCE) {
      const Objects = keys.slice(first, first + REMOVED_AT_ONCE).map((key) => ({ Key: this.#objectOf(key).Key }));
      await this.#ask(({ client, sdk }) => client.send(new sdk.DeleteObjectsCommand({ Bucket: this.#address.bucket, Delete: { Objects, Quiet: true } })));
    }
  }

  async #onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error, 'of local copies');
    }
  }

  #gone(key: string): SyngraphError {
    return new SyngraphError({ code: 'STORE_INVALID', message: `The store ${this.location} has no ${key}`, details: { key } });
  }
}
