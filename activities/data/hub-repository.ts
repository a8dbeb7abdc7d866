import { datasetInfo, fileDownloadInfo, HubApiError, listFiles } from '@huggingface/hub';
import { SyngraphError, type SyngraphErrorCode } from '../../pipeline/errors.ts';
import type { ByteRanges } from './byte-ranges.ts';
import { hubError, type HubAccess } from './hub-access.ts';

/** The README.md of a dataset, whose front matter says what its files are. */
export const CARD_PATH = 'README.md';

/** A listing beyond this is not a dataset that its files' names describe. */
const MAX_FILES = 100_000;
const MAX_CARD_BYTES = 1_000_000;

export interface HubEntry {
  path: string;
  /** Of large files only; small ones have none here. */
  sha256: string | null;
}

export interface HubRepositoryOptions {
  name: string;
  access: HubAccess;
  /** Code of failures, by what the repository is used for. */
  failure: Extract<SyngraphErrorCode, 'SOURCE_INVALID' | 'SINK_FAILED'>;
}

/** One dataset's repository. @throws SyngraphError from every method */
export class HubRepository {
  readonly #name: string;
  readonly #access: HubAccess;
  readonly #failure: HubRepositoryOptions['failure'];

  constructor({ name, access, failure }: HubRepositoryOptions) {
    this.#name = name;
    this.#access = access;
    this.#failure = failure;
  }

  /** The commit that a branch stands at; null where there is no such branch or repository. */
  async commit(branch: string): Promise<string | null> {
    try {
      const { sha } = await datasetInfo({
        ...this.#access,
        name: this.#name,
        revision: branch,
        additionalFields: ['sha'],
      });
      return sha;
    } catch (error) {
      if (error instanceof HubApiError && error.statusCode === 404) return null;
      throw hubError({ error, name: this.#name, code: this.#failure });
    }
  }

  /** All files at a commit. */
  async list(revision: string): Promise<HubEntry[]> {
    const entries: HubEntry[] = [];
    try {
      for await (const entry of listFiles({
        ...this.#access,
        repo: this.#repo,
        revision: encodeURIComponent(revision),
        recursive: true,
      })) {
        if (entry.type === 'file') entries.push({ path: entry.path, sha256: entry.lfs?.oid ?? null });
        if (entries.length > MAX_FILES) throw new Error(`it has more than ${MAX_FILES} files`);
      }
    } catch (error) {
      throw hubError({ error, name: this.#name, code: this.#failure });
    }
    return entries;
  }

  /** The beginning of a text file. */
  async text(path: string, revision: string): Promise<string> {
    const ranges = await this.open(path, revision);
    return Buffer.from(await ranges.read(0, Math.min(ranges.bytes, MAX_CARD_BYTES))).toString('utf8');
  }

  /** A file's bytes by plain range requests, which work alike on the Hub, on its mirrors and through proxies. */
  async open(path: string, revision: string): Promise<ByteRanges> {
    const name = `${this.#name}/${path}`;
    const info = await this.#guard(name, () => fileDownloadInfo({ ...this.#access, repo: this.#repo, path, revision }));
    if (info === null) throw new SyngraphError({ code: 'SOURCE_NOT_FOUND', message: `The Hub has no file ${name}.` });
    return {
      bytes: info.size,
      close: async () => undefined,
      read: (start, end) => this.#guard(name, () => this.#range(info.url, start, end)),
    };
  }

  async #range(url: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    if (end <= start) return new Uint8Array();
    const { accessToken, fetch } = this.#access;
    const headers = {
      range: `bytes=${start}-${end - 1}`,
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    };
    const response = await fetch(url, { headers });
    if (response.status !== 206) throw new HubApiError('', response.status);
    return new Uint8Array(await response.arrayBuffer());
  }

  async #guard<T>(name: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw hubError({ error, name, code: this.#failure });
    }
  }

  get #repo(): { type: 'dataset'; name: string } {
    return { type: 'dataset', name: this.#name };
  }
}
