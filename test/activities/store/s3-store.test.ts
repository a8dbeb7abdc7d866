import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { createS3Store } from '../../../activities/store/s3/s3-store.ts';
import type { Store } from '../../../activities/store/store.ts';
import { startS3Server, type S3TestServer } from '../../support/s3-server.ts';
import { itKeepsTheContract } from './store-contract.ts';

describe('S3 store', () => {
  let server: S3TestServer;
  let folder: string;
  let store: Store;
  before(async () => {
    server = await startS3Server();
    folder = await mkdtemp(join(tmpdir(), 'syngraph-s3-copies-'));
    Object.assign(process.env, server.environment);
    store = createS3Store({ address: 's3://data/some/prefix', copiesFolder: folder });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  itKeepsTheContract(() => store);
});
