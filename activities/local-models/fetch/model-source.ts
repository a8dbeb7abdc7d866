import type { Conversion } from '../convert/conversion.ts';

/** A model that is to be fetched. */
export interface ModelSource {
  /** For messages. */
  title: string;
  /** Folder of the cache; the same for the same model. */
  key: string;
  /**
   * Writes what is to be converted into the folder; says where, and where it is from for `origin.json`. Without a
   * conversion its subfolder `model` is what was wanted.
   */
  fetch: (folder: string) => Promise<{ conversion: Conversion | null; origin: Record<string, string> }>;
}

export interface FetchOptions {
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
}
