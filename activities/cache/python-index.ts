import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface IndexedFile {
  name: string;
  url: string;
  sha256: string;
  /** For the index and the file, where the index's url carries a user and a password. */
  headers: Record<string, string>;
}

const DEFAULT_INDEX = 'https://pypi.org/simple';
const MAXIMUM_PAGE_CHARACTERS = 20_000_000;

/**
 * Files that the configured Python package index offers of a package, from its simple API
 * (PEP 503 as HTML, PEP 691 as JSON). Files without a sha256 are left out.
 */
export async function listIndexedFiles(packageName: string, environment: NodeJS.ProcessEnv): Promise<IndexedFile[]> {
  const page = new URL(`${(await configuredIndex(environment)).replace(/\/+$/, '')}/${packageName}/`);
  const headers = takeCredentials(page);
  const response = await fetch(page, {
    headers: { ...headers, accept: 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1' },
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw new Error(`${page.host} answered ${response.status} for ${packageName}`);
  const text = await response.text();
  if (text.length > MAXIMUM_PAGE_CHARACTERS) throw new Error(`${page.host} answered with ${text.length} characters`);
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return (isJson ? filesOfJson(text) : filesOfHtml(text)).map((file) => {
    const url = new URL(file.url, response.url);
    return { ...file, url: url.href, headers: url.host === page.host ? headers : {} };
  });
}

function filesOfJson(text: string): Omit<IndexedFile, 'headers'>[] {
  const { files } = JSON.parse(text) as { files: { filename: string; url: string; hashes: { sha256?: string } }[] };
  return files.flatMap(({ filename, url, hashes }) => (hashes.sha256 === undefined ? [] : [{ name: filename, url, sha256: hashes.sha256 }]));
}

function filesOfHtml(text: string): Omit<IndexedFile, 'headers'>[] {
  return [...text.matchAll(/<a\s[^>]*href="([^"#]+)#sha256=([0-9a-f]{64})"[^>]*>([^<]+)<\/a>/g)].map(([, url, sha256, name]) => ({
    name: (name ?? '').trim(),
    url: (url ?? '').replaceAll('&amp;', '&'),
    sha256: sha256 ?? '',
  }));
}

/** Removes user and password from the url, so that no message shows them, and makes the header that says the same. */
function takeCredentials(url: URL): Record<string, string> {
  if (url.username === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** As pip finds it: its variable, then its files, the user's before the machine's. */
async function configuredIndex(environment: NodeJS.ProcessEnv): Promise<string> {
  if (environment.PIP_INDEX_URL) return environment.PIP_INDEX_URL;
  const home = environment.HOME ?? homedir();
  const files = [
    environment.PIP_CONFIG_FILE,
    environment.VIRTUAL_ENV && join(environment.VIRTUAL_ENV, 'pip.conf'),
    join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip', 'pip.conf'),
    join(home, 'Library', 'Application Support', 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
  ];
  for (const file of files) {
    const text = file ? await readFile(file, 'utf8').catch(() => '') : '';
    const match = /^\s*index[-_]url\s*[=:]\s*(\S+)/m.exec(text);
    if (match?.[1] !== undefined) return match[1];
  }
  return DEFAULT_INDEX;
}
