import { join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import { downloadFile } from '../../cache/download-file.ts';
import { percentReporter } from '../../cache/percent-reporter.ts';
import { hubAccess, type HubAccess } from '../../data/hub-access.ts';
import { LocalModelError } from '../local-model-error.ts';
import type { FetchOptions, ModelSource } from './model-source.ts';

/** Of the files of one repository, the first kind that there is: nothing is won by more than eight bits. */
const PREFERRED = ['Q8_0', 'Q6_K', 'Q5_1', 'Q5_0', 'Q4_K_M', 'Q4_K_S', 'Q4_1', 'Q4_0', 'F16', 'BF16', 'F32'];
const MAXIMUM_BYTES = 2 ** 31 - 1;
const MAXIMUM_LISTING_CHARACTERS = 4_000_000;

/** `owner/name`, with the kind of file after a colon where it matters. */
export const HUB_NAME = /^([\w.-]+\/[\w.-]+)(?::([\w.-]+))?$/;

interface ListedFile {
  name: string;
  sha256: string;
}

/** A GGUF file of a repository on the Hub, at the commit of its first use. */
export function hubModel(name: string, { environment, onProgress }: FetchOptions): ModelSource {
  const [, repository = '', kind] = HUB_NAME.exec(name) ?? [];
  return {
    title: name,
    key: `hub-${repository.replace('/', '--')}${kind === undefined ? '' : `-${kind}`}`.toLowerCase(),
    async fetch(folder) {
      const access = hubAccess({ tokenVariable: null, environment });
      const { commit, files } = await list(repository, access);
      const file = choose(repository, files, kind);
      const gguf = join(folder, 'model.gguf');
      const url = `${access.hubUrl}/${repository}/resolve/${commit}/${file.name.split('/').map(encodeURIComponent).join('/')}`;
      const onBytes = percentReporter(name, onProgress);
      await downloadFile({ url, path: gguf, headers: authorization(access), sha256: file.sha256, maximumBytes: MAXIMUM_BYTES, onBytes });
      return { conversion: { kind: 'gguf', source: gguf }, origin: { repository, commit, file: file.name, sha256: file.sha256 } };
    },
  };
}

async function list(repository: string, access: HubAccess): Promise<{ commit: string; files: ListedFile[] }> {
  const response = await access.fetch(`${access.hubUrl}/api/models/${repository}?blobs=true`, { headers: authorization(access) });
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
  const files = siblings.filter(isJsonObject).flatMap(({ rfilename, lfs }) => {
    const sha256 = isJsonObject(lfs) ? lfs.sha256 : null;
    return typeof rfilename === 'string' && typeof sha256 === 'string' ? [{ name: rfilename, sha256 }] : [];
  });
  return { commit: sha, files };
}

function choose(repository: string, files: ListedFile[], kind: string | undefined): ListedFile {
  const whole = files.filter(({ name }) => name.endsWith('.gguf') && !/-\d{5}-of-\d{5}\.gguf$/.test(name));
  for (const wanted of kind === undefined ? PREFERRED : [kind]) {
    const found = whole.find(({ name }) => name.toUpperCase().includes(wanted.toUpperCase()));
    if (found !== undefined) return found;
  }
  const has = whole.length === 0 ? 'no GGUF file in one piece; name a repository with one, most are called …-GGUF' : whole.map(({ name }) => name).join(', ');
  throw new LocalModelError(`${repository} has ${has}`);
}

function authorization({ accessToken }: HubAccess): Record<string, string> {
  return accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
}
