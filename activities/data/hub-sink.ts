import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { commit, createRepo, HubApiError, type CommitOperation } from '@huggingface/hub';
import { SyngraphError } from '../../pipeline/errors.ts';
import { readFileBytes } from './file-access.ts';
import { hubAccess, hubError, type HubAccess } from './hub-access.ts';
import { readCardConfigs, withCardSplit } from './hub-card.ts';
import { CARD_PATH, HubRepository, type HubEntry } from './hub-repository.ts';

export interface PushToHubOptions {
  /** owner/name */
  repoId: string;
  /** null: the default configuration. */
  configName: string | null;
  split: string;
  /** Local Parquet files, in the order of their rows; together they become the split. */
  files: string[];
  /** Of a repository that has to be made first. */
  private: boolean;
  /** Variable that holds the token; null: HF_TOKEN, then SYGRA_HF_TOKEN. */
  tokenVariable: string | null;
  environment: NodeJS.ProcessEnv;
  commitMessage: string;
  signal: AbortSignal;
  /** What the card is to say beside the split; doing it again must change nothing. */
  describe?: (card: string) => string;
}

export interface PushedToHub {
  /** The commit that has the split as it is now. */
  commit: string;
  url: string;
  /** false: the split had these very files already, and nothing was done. */
  changed: boolean;
}

/**
 * Makes a split of a Hub dataset be the given Parquet files: uploads them as
 * `<config or data>/<split>-00000-of-00001.parquet`, removes the split's other files of this form
 * and names the split in the dataset's card, all in one commit. Doing it again changes nothing.
 * @throws SyngraphError SINK_FAILED
 */
export async function pushToHub(options: PushToHubOptions): Promise<PushedToHub> {
  const { repoId, environment, tokenVariable, signal } = options;
  const access = hubAccess({ tokenVariable, environment, signal });
  if (access.accessToken === undefined) {
    throw new SyngraphError({
      code: 'SINK_FAILED',
      message: `Writing the dataset ${repoId} to the Hub needs a token, and HF_TOKEN is not set.`,
      nextStep: 'Set HF_TOKEN to a token with write access.',
    });
  }
  try {
    return await push(options, { ...access, accessToken: access.accessToken });
  } catch (error) {
    throw hubError({ error, name: repoId, code: 'SINK_FAILED' });
  }
}

async function push(options: PushToHubOptions, access: HubAccess & { accessToken: string }): Promise<PushedToHub> {
  const { repoId, files, commitMessage, signal } = options;
  const url = `${access.hubUrl}/datasets/${repoId}`;
  const repository = new HubRepository({ name: repoId, access, failure: 'SINK_FAILED' });
  const head = (await repository.commit('main')) ?? (await makeRepository(repository, { options, access }));
  const existing = await repository.list(head);
  const wanted = files.map((file, index) => ({ file, path: shardPath(options, { index, count: files.length }) }));
  const stale = existing.filter(({ path }) => isShard(path, options) && !wanted.some((shard) => shard.path === path));
  const card = existing.some(({ path }) => path === CARD_PATH) ? await repository.text(CARD_PATH, head) : '';
  const named = namesSplit(card, options) ? card : withCardSplit(card, cardEntry(options));
  const newCard = options.describe?.(named) ?? named;
  if (stale.length === 0 && newCard === card && (await hasAll(existing, wanted)))
    return { commit: head, url, changed: false };
  const operations: CommitOperation[] = [
    ...stale.map(({ path }): CommitOperation => ({ operation: 'delete', path })),
    ...(await Promise.all(
      wanted.map(async ({ file, path }): Promise<CommitOperation> => ({
        operation: 'addOrUpdate',
        path,
        content: await openAsBlob(file),
      })),
    )),
  ];
  if (newCard !== card) operations.push({ operation: 'addOrUpdate', path: CARD_PATH, content: new Blob([newCard]) });
  const done = await commit({
    ...access,
    repo: { type: 'dataset', name: repoId },
    title: commitMessage,
    operations,
    abortSignal: signal,
    // Plain LFS uploads work alike on the Hub and on servers that lack its newer storage.
    useXet: false,
  });
  return { commit: done?.commit.oid ?? head, url, changed: true };
}

async function makeRepository(
  repository: HubRepository,
  { options, access }: { options: PushToHubOptions; access: HubAccess & { accessToken: string } },
): Promise<string> {
  try {
    await createRepo({ ...access, repo: { type: 'dataset', name: options.repoId }, private: options.private });
  } catch (error) {
    // Another attempt or another split has made it in the meantime.
    if (!(error instanceof HubApiError && error.statusCode === 409)) throw error;
  }
  const head = await repository.commit('main');
  if (head === null) throw new HubApiError('', 404);
  return head;
}

function folderOf({ configName }: PushToHubOptions): string {
  return configName === null || configName === 'default' ? 'data' : configName;
}

function shardPath(options: PushToHubOptions, { index, count }: { index: number; count: number }): string {
  const number = (value: number): string => value.toString().padStart(5, '0');
  return `${folderOf(options)}/${options.split}-${number(index)}-of-${number(count)}.parquet`;
}

function isShard(path: string, options: PushToHubOptions): boolean {
  const prefix = `${folderOf(options)}/${options.split}`;
  return path.startsWith(prefix) && /^-\d{5}-of-\d{5}\.parquet$/.test(path.slice(prefix.length));
}

function cardEntry(options: PushToHubOptions): { config: string; split: string; path: string } {
  return {
    config: options.configName ?? 'default',
    split: options.split,
    path: `${folderOf(options)}/${options.split}-*`,
  };
}

function namesSplit(card: string, options: PushToHubOptions): boolean {
  const { config, split, path } = cardEntry(options);
  const files = readCardConfigs(card)
    .find(({ name }) => name === config)
    ?.dataFiles.find((entry) => entry.split === split);
  return files !== undefined && files.paths.length === 1 && files.paths[0] === path;
}

async function hasAll(existing: HubEntry[], wanted: { file: string; path: string }[]): Promise<boolean> {
  for (const { file, path } of wanted) {
    const entry = existing.find((candidate) => candidate.path === path);
    if (entry?.sha256 === undefined || entry.sha256 === null || entry.sha256 !== (await sha256Of(file))) return false;
  }
  return true;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readFileBytes(file)) hash.update(chunk);
  return hash.digest('hex');
}
