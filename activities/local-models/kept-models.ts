import type { FetchOptions } from './fetch/model-source.ts';
import type { LocalModel } from './local-model.ts';
import { openLocalModel, type OpenedModel } from './shared-models.ts';

/** A model takes a second to load and hundreds of megabytes: the next batch of a run comes sooner than this, or never. */
const IDLE_MILLISECONDS = 30_000;

interface Kept {
  opening: Promise<OpenedModel>;
  users: number;
  idle: NodeJS.Timeout | null;
}

const kept = new Map<string, Kept>();

/** Works with a local model, which stays open for a while after. @throws LocalModelError, and what `work` throws */
export async function withLocalModel<Result>(name: string, options: FetchOptions, work: (model: LocalModel) => Promise<Result>): Promise<Result> {
  const entry = kept.get(name) ?? { opening: openLocalModel(name, options), users: 0, idle: null };
  kept.set(name, entry);
  entry.users++;
  if (entry.idle !== null) clearTimeout(entry.idle);
  let model: LocalModel | null = null;
  try {
    ({ model } = await entry.opening);
    return await work(model);
  } finally {
    entry.users--;
    // What could not be opened, or has died, is opened anew the next time.
    if (model?.isAlive !== true && kept.get(name) === entry) kept.delete(name);
    if (entry.users === 0) entry.idle = setTimeout(() => void release(name, entry), model?.isAlive === true ? IDLE_MILLISECONDS : 0).unref();
  }
}

async function release(name: string, entry: Kept): Promise<void> {
  if (kept.get(name) === entry) kept.delete(name);
  const opened = await entry.opening.catch(() => null);
  await opened?.release();
}
