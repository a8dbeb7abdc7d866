/** A GGUF file that is to be fetched. */
export interface ModelSource {
  /** For messages. */
  title: string;
  /** Folder of the cache; the same for the same model. */
  key: string;
  /** Writes the GGUF file into the folder; says its path, and where it is from for `origin.json`. */
  fetch: (folder: string) => Promise<{ gguf: string; origin: Record<string, string> }>;
}

export interface FetchOptions {
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
}
