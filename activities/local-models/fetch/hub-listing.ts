import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import { downloadFile } from '../../cache/download-file.ts';
import { percentReporter } from '../../cache/percent-reporter.ts';
import { hubAccess } from '../../data/hub-access.ts';
import { LocalModelError } from '../local-model-error.ts';
import type { FetchOptions } from './model-source.ts';

const MAXIMUM_BYTES = 2 ** 31 - 1;
const MAXIMUM_LISTING_CHARACTERS = 4_000_000;

export interface ListedFile {
  name: string;
  /** null: the Hub keeps it in git and names none. */
  sha256: string | null;
}

/** The files of a repository on the Hub, as they are now. */
export interface HubListing {
  commit: string;
  files: ListedFile[];
  /** Writes one of them to the path. */
  download: (file: ListedFile, path: string) => Promise<void>;
}

/** @throws LocalModelError where there is no such repository, or none that may be read */
export async function listRepository(repository: string, { environment, onProgress }: FetchOptions): Promise<HubListing> {
  const access = hubAccess({ tokenVariable: null, environment });
  const headers: Record<string, string> = access.accessToken === undefined ? {} : { authorization: `Bearer ${access.accessToken}` };
  const response = await access.fetch(`${access.hubUrl}/api/models/${repository}?blobs=true`, { headers });
  if (!response.ok) {
    await response.body?.cancel();
    const hint = response.status === 401 || response.status === 403 || response.status === 404 ? '; correct the name, or set HF_TOKEN to a token with access' : '';
    throw new LocalModelError(`the Hub answered ${response.status} for ${repository}${hint}`);
  }
  const text = await response.text();
  if (text.length > MAXIMUM_LISTING_CHARACTERS) throw new LocalModelError(`the Hub's listing of ${repository} is too large`);
  const said = JSON.parse(text) as JsonValue;
  const { sha, siblings } = isJsonObject(said) ? said : ({} as JsonObject);
  if (typeof sha !== 'string' || !/^[0-9a-f]{7,64}$/.test(sha) || !Array.isArray(siblings)) throw new LocalModelError(`the Hub's listing of ${repository} is not understood`);
  const files = siblings.filter(isJsonObject).flatMap(({ rfilename, lfs }): ListedFile[] => {
    const sha256 = isJsonObject(lfs) && typeof lfs.sha256 === 'string' ? lfs.sha256 : null;
    return typeof rfilename === 'string' ? [{ name: rfilename, sha256 }] : [];
  });
  return {
    commit: sha,
    files,
    async download({ name, sha256 }, path) {
      await mkdir(dirname(path), { recursive: true });
      const url = `${access.hubUrl}/${repository}/resolve/${sha}/${name.split('/').map(encodeURIComponent).join('/')}`;
      const onBytes = percentReporter(repository, onProgress);
      await downloadFile({ url, path, headers, ...(sha256 === null ? {} : { sha256 }), maximumBytes: MAXIMUM_BYTES, onBytes });
    },
  };
}
