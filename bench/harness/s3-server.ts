import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './scene.ts';

const BUCKET = 'bench';

/** An S3-compatible server on loopback in a process of its own, with an empty bucket. */
export interface S3Server {
  /** `s3://bucket` */
  bucket: string;
  /** What the AWS SDK finds it by. */
  environment: Record<string, string>;
  close: () => Promise<void>;
}

/** versitygw, whose binary SYNGRAPH_S3_SERVER names: `go install github.com/versity/versitygw/cmd/versitygw@latest`. */
export async function startS3Server(): Promise<S3Server> {
  const binary = process.env.SYNGRAPH_S3_SERVER;
  if (binary === undefined) throw new Error('Set SYNGRAPH_S3_SERVER to the binary of versitygw: go install github.com/versity/versitygw/cmd/versitygw@latest');
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-bench-s3-'));
  await mkdir(join(folder, BUCKET));
  const port = await freePort();
  const keys = { ROOT_ACCESS_KEY: 'bench', ROOT_SECRET_KEY: 'bench-secret' };
  const child = spawn(binary, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', folder], { stdio: 'ignore', env: { ...process.env, ...keys } });
  const url = `http://127.0.0.1:${port}`;
  await until(() => fetch(url).then(() => true, () => null), `the S3 server on ${url}`);
  return {
    bucket: `s3://${BUCKET}`,
    environment: { AWS_ENDPOINT_URL_S3: url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: keys.ROOT_ACCESS_KEY, AWS_SECRET_ACCESS_KEY: keys.ROOT_SECRET_KEY },
    async close() {
      child.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
