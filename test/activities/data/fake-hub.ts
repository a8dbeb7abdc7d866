/**
 * A server that speaks the part of the Hub's API that we use: commits, listings in pages, files by
 * range through a redirect, creation of repositories, LFS uploads and commits.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Files = Map<string, Buffer>;

export interface SeenRequest {
  method: string;
  path: string;
  range: string | null;
  authorization: string | null;
}

const PAGE = 3;

export class FakeHub {
  readonly #server: Server;
  /** By `owner/name@branch or commit`. */
  readonly #trees = new Map<string, { sha: string; files: Files }>();
  readonly #uploads = new Map<string, Buffer>();
  readonly requests: SeenRequest[] = [];
  /** Answers of this status are given instead, one a request. */
  failures: { status: number; match: RegExp }[] = [];
  /** Bodies of ranges are cut after this many bytes, once each. */
  cuts: number[] = [];
  created: unknown[] = [];
  commits = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Puts files on a branch as a new commit, beside those that are there. Returns the commit. */
  put(repository: string, files: Record<string, Uint8Array | string>, branch = 'main'): string {
    const before = this.#trees.get(`${repository}@${branch}`)?.files ?? new Map<string, Buffer>();
    const tree = new Map([
      ...before,
      ...Object.entries(files).map(([path, content]): [string, Buffer] => [path, Buffer.from(content as string)]),
    ]);
    return this.#commit(repository, branch, tree);
  }

  files(repository: string): Record<string, Buffer> {
    return Object.fromEntries(this.#trees.get(`${repository}@main`)?.files ?? []);
  }

  #commit(repository: string, branch: string, files: Files): string {
    const sha = createHash('sha1').update(`${this.#trees.size} ${this.commits}`).digest('hex');
    this.#trees.set(`${repository}@${branch}`, { sha, files });
    this.#trees.set(`${repository}@${sha}`, { sha, files });
    return sha;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const path = decodeURIComponent(url.pathname);
    const { authorization = null, range = null } = request.headers as { authorization?: string; range?: string };
    this.requests.push({ method: request.method ?? '', path, range, authorization });
    const failure = this.failures.findIndex(({ match }) => match.test(path));
    if (failure >= 0) {
      const status = this.failures.splice(failure, 1)[0]?.status ?? 500;
      response
        .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' })
        .end('{"error":"made to fail"}');
      return;
    }
    const body = await readBody(request);
    const [, kind, owner, name, verb, ...rest] =
      /^\/(api\/datasets|datasets)\/([^/]+)\/([^/]+)\/([^/]+)\/?(.*)$/.exec(path) ?? [];
    if (path === '/api/repos/create')
      return this.#create(JSON.parse(body.toString()) as { name: string; organization: string }, response);
    if (path.startsWith('/lfs/')) return this.#upload(path.slice(5), body, response);
    if (path.startsWith('/cdn/')) return this.#file(path.slice(5), range, response);
    const batch = /^\/datasets\/(.+)\.git\/info\/lfs\/objects\/batch$/.exec(path);
    if (batch !== null) return this.#batch(body, url.origin, response);
    const repository = `${owner}/${name}`;
    const argument = rest.join('/');
    if (kind === 'datasets' && verb === 'resolve') {
      const [revision, ...parts] = argument.split('/');
      response.writeHead(302, { location: `/cdn/${repository}@${revision}/${parts.join('/')}` }).end();
      return;
    }
    if (verb === 'preupload') {
      const { files } = JSON.parse(body.toString()) as { files: { path: string }[] };
      return json(response, {
        files: files.map((file) => ({ ...file, uploadMode: file.path.endsWith('.parquet') ? 'lfs' : 'regular' })),
      });
    }
    if (verb === 'commit') return this.#takeCommit(repository, body, response);
    const tree = this.#trees.get(`${repository}@${argument === 'HEAD' ? 'main' : argument}`);
    if (tree === undefined) return json(response, { error: 'Repository not found' }, 404);
    if (verb === 'revision')
      return json(response, {
        _id: '1',
        id: repository,
        private: false,
        downloads: 0,
        likes: 0,
        gated: false,
        lastModified: '2024-01-01',
        sha: tree.sha,
      });
    if (verb === 'tree') return this.#list(tree.files, url, response);
    response.writeHead(404).end();
  }

  #create({ name, organization }: { name: string; organization: string }, response: ServerResponse): void {
    this.created.push({ name, organization });
    this.put(`${organization}/${name}`, { '.gitattributes': '*.parquet filter=lfs' });
    json(response, { url: 'x', id: `${organization}/${name}` });
  }

  #list(files: Files, url: URL, response: ServerResponse): void {
    const offset = Number(url.searchParams.get('cursor') ?? 0);
    const entries = [...files].slice(offset, offset + PAGE).map(([path, content]) => ({
      type: 'file',
      path,
      size: content.length,
      oid: 'blob',
      ...(path.endsWith('.parquet') && {
        lfs: { oid: createHash('sha256').update(content).digest('hex'), size: content.length, pointerSize: 130 },
      }),
    }));
    if (offset + PAGE < files.size) {
      url.searchParams.set('cursor', String(offset + PAGE));
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    json(response, entries);
  }

  #file(place: string, range: string | null, response: ServerResponse): void {
    const [repository = '', revision = '', path = ''] = /^(.+?)@([^/]+)\/(.+)$/.exec(place)?.slice(1) ?? [];
    const content = this.#trees.get(`${repository}@${revision}`)?.files.get(path);
    if (content === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    const bounds = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    const start = Number(bounds?.[1] ?? 0);
    const part = content.subarray(start, Number(bounds?.[2] ?? content.length - 1) + 1);
    const cut = bounds !== null && part.length > 1 ? this.cuts.shift() : undefined;
    response.writeHead(bounds === null ? 200 : 206, {
      etag: '"x"',
      'content-length': part.length,
      ...(bounds !== null && { 'content-range': `bytes ${start}-${start + part.length - 1}/${content.length}` }),
    });
    if (cut === undefined) response.end(part);
    else response.write(part.subarray(0, cut), () => response.destroy());
  }

  #batch(body: Buffer, origin: string, response: ServerResponse): void {
    const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
    const known = (oid: string): boolean => this.#uploads.has(oid);
    json(response, {
      transfer: 'basic',
      objects: objects.map((object) => ({
        ...object,
        ...(!known(object.oid) && { actions: { upload: { href: `${origin}/lfs/${object.oid}` } } }),
      })),
    });
  }

  #upload(oid: string, body: Buffer, response: ServerResponse): void {
    this.#uploads.set(oid, body);
    response.writeHead(200, { etag: '"x"' }).end();
  }

  #takeCommit(repository: string, body: Buffer, response: ServerResponse): void {
    const tree = new Map(this.#trees.get(`${repository}@main`)?.files ?? []);
    for (const line of body.toString().split('\n')) {
      const { key, value } = JSON.parse(line) as {
        key: string;
        value: { path: string; content: string; encoding?: 'base64'; oid: string };
      };
      if (key === 'deletedFile') tree.delete(value.path);
      if (key === 'lfsFile') tree.set(value.path, this.#uploads.get(value.oid) as Buffer);
      if (key === 'file') tree.set(value.path, Buffer.from(value.content, value.encoding ?? 'utf8'));
    }
    this.commits += 1;
    const sha = this.#commit(repository, 'main', tree);
    json(response, { commitOid: sha, commitUrl: 'x', hookOutput: '' });
  }
}

function json(response: ServerResponse, content: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
