import { resolve } from 'node:path';
import { openStore } from '../activities/store/open-store.ts';
import { isS3Address } from '../activities/store/s3/s3-address.ts';
import type { Store } from '../activities/store/store.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** What every command gets. */
export interface CommandContext {
  workingDirectory: string;
  /** As it was when the command started, `.env` included. */
  environment: NodeJS.ProcessEnv;
  /** As it is now: `.env` may have been changed. */
  currentEnvironment: () => NodeJS.ProcessEnv;
  /**
   * A folder of this machine, absolute: the store itself (`--store`, else SYNGRAPH_STORE, else
   * `.syngraph` in the working directory). Where the store is a bucket, what belongs to this machine
   * (logs, the embedded server, copies) is in SYNGRAPH_LOCAL, else in `.syngraph`.
   */
  storeFolder: string;
  store: Store;
  terminal: Terminal;
  /** `--json`: standard output carries one JSON value and nothing else. */
  isJson: boolean;
}

const DEFAULT_FOLDER = '.syngraph';

export function createContext(settings: {
  currentEnvironment: () => NodeJS.ProcessEnv;
  /** Flags of the command. */
  options: Record<string, unknown>;
}): CommandContext {
  const environment = settings.currentEnvironment();
  const { options } = settings;
  const workingDirectory = process.cwd();
  const wanted = firstOf(typeof options.store === 'string' ? options.store : undefined, environment.SYNGRAPH_STORE) ?? DEFAULT_FOLDER;
  const isBucket = isS3Address(wanted);
  const storeFolder = resolve(workingDirectory, isBucket ? (firstOf(environment.SYNGRAPH_LOCAL) ?? DEFAULT_FOLDER) : wanted);
  const isJson = options.json === true;
  return {
    workingDirectory,
    environment,
    currentEnvironment: settings.currentEnvironment,
    storeFolder,
    store: openStore(isBucket ? wanted : storeFolder, { localFolder: storeFolder }),
    terminal: createTerminal({ isJson, environment }),
    isJson,
  };
}

function firstOf(...texts: (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}
