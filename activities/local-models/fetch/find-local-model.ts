import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DEFAULT_EMBEDDING_MODEL, DEFAULT_LOCAL_MODEL } from '../../../pipeline/model-plan.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { cacheFolder } from '../../cache/cache-folder.ts';
import { withFileLock } from '../../cache/file-lock.ts';
import { startThread } from '../../data/start-thread.ts';
import type { ConvertOutcome, ConvertRequest } from '../convert/convert-thread.ts';
import { LocalModelError } from '../local-model-error.ts';
import { MODEL_FILES } from '../model-files.ts';
import { fileModel } from './file-model.ts';
import { HUB_NAME, hubModel, hubTokenizer } from './hub-model.ts';
import type { FetchOptions, ModelSource } from './model-source.ts';
import { packagedModel } from './packaged-model.ts';
import { packagedSentenceEncoder } from './packaged-sentence-encoder.ts';

/** Raised when converted folders of before can no longer be used. */
const CONVERTER = 2;

/** Models that packages carry, by their names. */
const PACKAGED: Record<string, (options: FetchOptions) => ModelSource> = {
  [DEFAULT_LOCAL_MODEL]: packagedModel,
  [`HuggingFaceTB/${DEFAULT_LOCAL_MODEL}`]: packagedModel,
  [DEFAULT_EMBEDDING_MODEL]: packagedSentenceEncoder,
  [`sentence-transformers/${DEFAULT_EMBEDDING_MODEL}`]: packagedSentenceEncoder,
};

/**
 * The folder of a model: a folder as it is; a GGUF file, a repository on the Hub or a packaged model after it was
 * fetched and converted into the cache, which is done once however many processes want it.
 * @throws LocalModelError
 */
export async function findLocalModel(name: string, options: FetchOptions): Promise<string> {
  const source = await sourceOf(name, options);
  return typeof source === 'string' ? source : fetchOnce(source, options);
}

/**
 * The folder of a tokenizer: that of a model, or its tokenizer alone where the model lies on the Hub.
 * @throws LocalModelError
 */
export async function findTokenizer(name: string, options: FetchOptions): Promise<string> {
  const isOnHub = HUB_NAME.test(name) && !name.includes(':') && !Object.hasOwn(PACKAGED, name) && (await stat(name).catch(() => null)) === null;
  return isOnHub ? fetchOnce(hubTokenizer(name, options), options) : findLocalModel(name, options);
}

async function fetchOnce(source: ModelSource, options: FetchOptions): Promise<string> {
  const target = join(cacheFolder(options.environment), 'models', `${source.key}-c${CONVERTER}`);
  if (existsSync(join(target, MODEL_FILES.origin))) return target;
  try {
    await withFileLock(`${target}.lock`, async () => {
      if (!existsSync(join(target, MODEL_FILES.origin))) await make({ source, target, onProgress: options.onProgress });
    });
  } catch (error) {
    if (error instanceof LocalModelError || error instanceof SyngraphError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    throw new LocalModelError(`it cannot be fetched: ${(error as Error).message}${cause}`);
  }
  return target;
}

async function sourceOf(name: string, options: FetchOptions): Promise<ModelSource | string> {
  const found = await stat(name).catch(() => null);
  if (found?.isDirectory() === true) return name;
  if (found !== null) return fileModel(name);
  if (Object.hasOwn(PACKAGED, name)) return PACKAGED[name]!(options);
  if (HUB_NAME.test(name)) return hubModel(name, options);
  throw new LocalModelError(`it is neither a folder, nor a GGUF file, nor a repository on the Hub such as owner/name, nor ${DEFAULT_LOCAL_MODEL} or ${DEFAULT_EMBEDDING_MODEL}`);
}

interface Make {
  source: ModelSource;
  target: string;
  onProgress: (line: string) => void;
}

/** The folder appears whole or not at all. */
async function make({ source, target, onProgress }: Make): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const prefix = `${basename(target)}.new-`;
  // Left by a process that was killed: the lock is ours, so nobody works on them.
  for (const left of await readdir(dirname(target))) if (left.startsWith(prefix)) await rm(join(dirname(target), left), { recursive: true, force: true });
  const folder = await mkdtemp(join(dirname(target), prefix));
  try {
    onProgress(`Fetching ${source.title} …`);
    const { conversion, origin } = await source.fetch(folder);
    const model = join(folder, 'model');
    if (conversion !== null) {
      onProgress(`Converting ${source.title} …`);
      await convert({ ...conversion, folder: model });
    }
    await writeFile(join(model, MODEL_FILES.origin), JSON.stringify({ model: source.title, ...origin, converter: CONVERTER }, null, 2));
    await rm(target, { recursive: true, force: true });
    await rename(model, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function convert(workerData: ConvertRequest): Promise<void> {
  const thread = startThread('../local-models/convert/convert-thread', { workerData });
  const outcome = await new Promise<ConvertOutcome>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the conversion ended without a result')));
  });
  if (outcome.problem !== null) throw new LocalModelError(outcome.problem);
}
