import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { formatS3Address, isS3Address, parseS3Address } from './s3/s3-address.ts';
import { createS3Store, type BucketStore } from './s3/s3-store.ts';
import type { Store } from './store.ts';

/**
 * Files outside the store: sources, outputs, lists of failed records. Each is named by a path of this
 * machine or by `s3://bucket/key`, which every worker can reach.
 */
export interface RemoteFile {
  /** The bucket as a store. */
  bucket: Store;
  key: string;
  /** Size in bytes and time of the last write in epoch milliseconds; null where there is none. */
  stat(): Promise<{ bytes: number; modified: number } | null>;
}

/** null for a path of this machine. @throws SyngraphError USAGE for what is no address */
export function remoteFile(path: string): RemoteFile | null {
  if (!isS3Address(path)) return null;
  const { bucket: name, prefix: key } = parseS3Address(path);
  const bucket = bucketOf(name);
  return { bucket, key, stat: () => bucket.stat(key) };
}

/** As `resolve` of node:path. The base may be in a bucket; a path that is there itself is whole already. */
export function resolveLocation(base: string, path: string): string {
  if (isS3Address(path)) return formatS3Address(parseS3Address(path));
  return isS3Address(base) && !isAbsolute(path) ? joinLocation(base, path) : resolve(base, path);
}

/** As `join` of node:path. */
export function joinLocation(folder: string, name: string): string {
  return isS3Address(folder) ? `${folder.replace(/\/+$/, '')}/${name}` : join(folder, name);
}

/** As a file of this machine, errors included, or from the bucket. */
export function readLocation(path: string, chunkBytes = 64 * 1024): Readable {
  const remote = remoteFile(path);
  return remote === null ? createReadStream(path, { highWaterMark: chunkBytes }) : remote.bucket.openRead(remote.key);
}

/** It need not exist. */
export async function removeLocation(path: string): Promise<void> {
  const remote = remoteFile(path);
  if (remote === null) await rm(path, { force: true });
  else await remote.bucket.remove(remote.key);
}

const buckets = new Map<string, BucketStore>();

function bucketOf(name: string): BucketStore {
  const known = buckets.get(name) ?? createS3Store({ address: formatS3Address({ bucket: name, prefix: '' }), copiesFolder: join(tmpdir(), 'syngraph-copies') });
  buckets.set(name, known);
  return known;
}
