import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of s3rver, which has no types, that tests use. */
interface ServerClass {
  new (options: { address: string; port: number; directory: string; silent: boolean; configureBuckets: { name: string }[] }): {
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  };
}

export interface S3TestServer {
  /** Folder where the server keeps the bucket `data`. */
  folder: string;
  port: number;
  /** What the AWS SDK finds the server by. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** A small S3-compatible server in this process, with an empty bucket `data`. */
export async function startS3Server(): Promise<S3TestServer> {
  const Server = createRequire(import.meta.url)('s3rver') as ServerClass;
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-s3-'));
  const server = new Server({ address: '127.0.0.1', port: 0, directory: folder, silent: true, configureBuckets: [{ name: 'data' }] });
  const { port } = await server.run();
  return {
    folder,
    port,
    environment: s3Environment(port),
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Key and secret are s3rver's own. */
export function s3Environment(port: number): Record<string, string> {
  return { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
}
