import { resolve } from 'node:path';
import { createFolderStore } from '../activities/store/folder-store.ts';
import type { Store } from '../activities/store/store.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** What every command gets. */
export interface CommandContext {
  workingDirectory: string;
  /** As it was when the command started, `.env` included. */
  environment: NodeJS.ProcessEnv;
  /** As it is now: `.env` may have been changed. */
  currentEnvironment: () => NodeJS.ProcessEnv;
  /** Absolute: `--store`, else SYNGRAPH_STORE, else `.syngraph` in the working directory. */
  storeFolder: string;
  store: Store;
  terminal: Terminal;
  /** `--json`: standard output carries one JSON value and nothing else. */
  isJson: boolean;
}

export function createContext(settings: {
  currentEnvironment: () => NodeJS.ProcessEnv;
  /** Flags of the command. */
  options: Record<string, unknown>;
}): CommandContext {
  const environment = settings.currentEnvironment();
  const { options } = settings;
  const workingDirectory = process.cwd();
  const wanted = typeof options.store === 'string' ? options.store : environment.SYNGRAPH_STORE;
  const storeFolder = resolve(workingDirectory, wanted === undefined || wanted === '' ? '.syngraph' : wanted);
  const isJson = options.json === true;
  return {
    workingDirectory,
    environment,
    currentEnvironment: settings.currentEnvironment,
    storeFolder,
    store: createFolderStore(storeFolder),
    terminal: createTerminal({ isJson, environment }),
    isJson,
  };
}
