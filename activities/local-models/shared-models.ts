import { resolve } from 'node:path';
import { findLocalModel } from './fetch/find-local-model.ts';
import type { FetchOptions } from './fetch/model-source.ts';
import { LocalModel } from './local-model.ts';

interface SharedModel {
  model: LocalModel;
  users: number;
}

export interface OpenedModel {
  model: LocalModel;
  /** The last user's release ends the model's thread. */
  release: () => Promise<void>;
}

/** By folder. A model fills hundreds of megabytes, and answers several callers better together than apart. */
const shared = new Map<string, SharedModel>();

/** The model of that name, fetched if need be; one for all of this process that use it. @throws LocalModelError */
export async function openLocalModel(name: string, options: FetchOptions): Promise<OpenedModel> {
  const folder = resolve(await findLocalModel(name, options));
  let entry = shared.get(folder);
  if (entry === undefined || !entry.model.isAlive) {
    entry = { model: new LocalModel(folder), users: 0 };
    shared.set(folder, entry);
  }
  const used = entry;
  used.users++;
  let isReleased = false;
  return {
    model: used.model,
    async release() {
      if (isReleased) return;
      isReleased = true;
      used.users--;
      if (used.users > 0) return;
      if (shared.get(folder) === used) shared.delete(folder);
      await used.model.close();
    },
  };
}
