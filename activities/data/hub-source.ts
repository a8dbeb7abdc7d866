import { HubApiError } from '@huggingface/hub';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { HubSourcePlan } from '../../pipeline/plan.ts';
import type { ByteRanges } from './byte-ranges.ts';
import { cachedRanges, chunksOf } from './cached-ranges.ts';
import { hubAccess, hubError } from './hub-access.ts';
import { readCardConfigs } from './hub-card.ts';
import { convertedFiles, repositoryFiles, unknownChoice, type HubFile, type HubFileWants } from './hub-files.ts';
import { CARD_PATH, HubRepository } from './hub-repository.ts';
import { readParquet } from './parquet-reader.ts';
import { readText } from './read-text.ts';
import type { SourceIdentity, SourceRow } from './record-source.ts';

/** Where the Hub keeps its own conversion of a dataset to Parquet. */
const CONVERSION_BRANCH = 'refs/convert/parquet';
const CONVERSION_MARK = `${CONVERSION_BRANCH}@`;

export interface HubReadOptions {
  source: HubSourcePlan;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Read at this commit; absent: as it is now. */
  identity?: SourceIdentity;
}

/**
 * The commit that a Hub source's files are read at: the main branch's where the repository itself
 * has the splits as Parquet, else that of the Hub's Parquet conversion, else again the main branch's.
 */
export async function readHubIdentity(source: HubSourcePlan, environment: NodeJS.ProcessEnv): Promise<SourceIdentity> {
  const { version } = await findFiles(repositoryOf(source, environment), source);
  return { name: source.repoId, version, bytes: null };
}

/** One file of the source, not read yet. */
export interface HubPart {
  /** Repository and path, for messages. */
  name: string;
  format: HubFile['format'];
  ranges: ByteRanges;
}

/** The files of the splits, one after the other, each opened when it is its turn. */
export async function* openHubFiles({
  source,
  environment,
  signal,
  identity,
}: HubReadOptions): AsyncGenerator<HubPart> {
  const repository = repositoryOf(source, environment, signal);
  const { commit, files } = await findFiles(repository, source, identity?.version);
  for (const { path, format } of files) {
    yield { name: `${source.repoId}/${path}`, format, ranges: cachedRanges(await repository.open(path, commit)) };
  }
}

/** The rows of the splits, one after the other, by range requests. */
export async function* readHubSource(options: HubReadOptions): AsyncGenerator<SourceRow[]> {
  const { onBadRecord } = options.source;
  for await (const { name, format, ranges } of openHubFiles(options)) {
    if (format === 'parquet') {
      for await (const rows of readParquet({ ranges, name })) yield rows.map((row) => ({ ok: true, row }));
    } else {
      yield* readText({ chunks: chunksOf(ranges), name, format, encoding: 'utf-8', onBadRecord });
    }
  }
}

function repositoryOf(source: HubSourcePlan, environment: NodeJS.ProcessEnv, signal?: AbortSignal): HubRepository {
  const access = hubAccess({ tokenVariable: source.tokenVariable, environment, ...(signal && { signal }) });
  return new HubRepository({ name: source.repoId, access, failure: 'SOURCE_INVALID' });
}

interface FoundFiles {
  /** What the identity keeps: the commit, marked where it is the conversion's. */
  version: string;
  commit: string;
  files: HubFile[];
}

/** The files of the splits, or those of them that `shard` asks for. */
async function findFiles(repository: HubRepository, source: HubSourcePlan, planned?: string): Promise<FoundFiles> {
  const found = await findSplits(repository, source, planned);
  const { shard } = source;
  if (shard === undefined) return found;
  const pattern = new RegExp(shard.regex ?? '');
  const matching = found.files.filter(({ path }) => pattern.test(path));
  const files = matching.filter((_, index) => shard.index === null || shard.index.includes(index));
  if (files.length > 0) return { ...found, files };
  const paths = found.files.map(({ path }) => path);
  throw new SyngraphError({
    code: 'SOURCE_NOT_FOUND',
    message: `No file of ${source.repoId} is what \`shard\` asks for: ${matching.length} of ${paths.length} match its regex; the files are ${paths.slice(0, 10).join(', ')}.`,
    nextStep: 'Correct `regex`, which is matched against the path of each file, or `index`, which counts from 0.',
    details: { repository: source.repoId },
  });
}

async function findSplits(repository: HubRepository, source: HubSourcePlan, planned?: string): Promise<FoundFiles> {
  const wants = source.splits.map((split): HubFileWants => ({
    repoId: source.repoId,
    configName: source.configName,
    split,
  }));
  const conversionCommit = planned?.startsWith(CONVERSION_MARK) ? planned.slice(CONVERSION_MARK.length) : null;
  if (conversionCommit !== null) {
    return {
      version: CONVERSION_MARK + conversionCommit,
      commit: conversionCommit,
      files: required(await inConversion(repository, { wants, commit: conversionCommit }), wants),
    };
  }
  const main = planned ?? (await repository.commit('main'));
  if (main === null) throw hubError({ error: new HubApiError('', 404), name: source.repoId, code: 'SOURCE_INVALID' });
  const own = await inRepository(repository, { wants, commit: main });
  // Shards are named as the repository has them, which the conversion does not keep.
  const enough = isComplete(own) && (source.shard !== undefined || own.flat().every(isParquet));
  if (planned === undefined && !enough) {
    const commit = await repository.commit(CONVERSION_BRANCH);
    const converted = commit === null ? [] : await inConversion(repository, { wants, commit });
    if (commit !== null && isComplete(converted))
      return { version: CONVERSION_MARK + commit, commit, files: converted.flat() };
  }
  return { version: main, commit: main, files: required(own, wants) };
}

interface Lookup {
  wants: HubFileWants[];
  commit: string;
}

async function inConversion(repository: HubRepository, { wants, commit }: Lookup): Promise<(HubFile[] | null)[]> {
  const paths = (await repository.list(commit)).map(({ path }) => path);
  return wants.map((each) => convertedFiles(paths, each));
}

async function inRepository(repository: HubRepository, { wants, commit }: Lookup): Promise<(HubFile[] | null)[]> {
  const paths = (await repository.list(commit)).map(({ path }) => path);
  const card = paths.includes(CARD_PATH) ? readCardConfigs(await repository.text(CARD_PATH, commit)) : [];
  return wants.map((each) => repositoryFiles(paths, { ...each, card }));
}

function isParquet({ format }: HubFile): boolean {
  return format === 'parquet';
}

function isComplete(files: (HubFile[] | null)[]): files is HubFile[][] {
  return files.length > 0 && files.every((each) => each !== null);
}

function required(files: (HubFile[] | null)[], wants: HubFileWants[]): HubFile[] {
  return files.flatMap((each, index) => {
    const { repoId, split } = wants[index] as HubFileWants;
    if (each === null) throw unknownChoice({ repoId, what: 'split', asked: split, known: [] });
    return each;
  });
}
