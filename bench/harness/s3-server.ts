import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './scene.ts';

const BUCKET = 'bench';

/** An S3-compatible server on loopback in a process of its own, with an empty bucket. */
export interface S3Server {
  /** `s3://bucket` */
  bucket: string;
  /** Which server it is. */
  name: string;
  /** What the AWS SDK finds it by. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

/**
 * The server is versitygw where SYNGRAPH_S3_SERVER names its binary
 * (`go install github.com/versity/versitygw/cmd/versitygw@latest`), else s3rver, which the tests use.
 */
export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-bench-s3-'));
  await mkdir(join(folder, BUCKET));
  const port = await freePort();
  const binary = process.env.SYNGRAPH_S3_SERVER;
  const child = binary === undefined ? startS3rver(folder, port) : startVersitygw(binary, { folder, port });
  const url = `http://127.0.0.1:${port}`;
  await until(() => fetch(url).then(() => true, () => null), `the S3 server on ${url}`);
  return {
    bucket: `s3://${BUCKET}`,
    name: binary === undefined ? 's3rver' : 'versitygw',
    environment: { AWS_ENDPOINT_URL_S3: url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' },
    async close() {
      child.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function startS3rver(folder: string, port: number): ChildProcess {
  const script = createRequire(import.meta.url).resolve('s3rver/bin/s3rver.js');
  const flags = ['--directory', folder, '--address', '127.0.0.1', '--port', String(port), '--silent', '--configure-bucket', BUCKET];
  return spawn(process.execPath, [script, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function startVersitygw(binary: string, { folder, port }: { folder: string; port: number }): ChildProcess {
  const keys = { ROOT_ACCESS_KEY: 'S3RVER', ROOT_SECRET_KEY: 'S3RVER' };
  return spawn(binary, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', folder], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...keys } });
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
