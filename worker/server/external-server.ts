import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import { createDataConverter } from '../codec/create-data-converter.ts';
import { requireSearchAttributes } from './search-attributes.ts';
import type { ServerHandle } from './server-handle.ts';

const UI_OF_CLOUD = 'https://cloud.temporal.io';

/**
 * The server that TEMPORAL_ADDRESS, or a profile of the Temporal configuration file, names; null
 * where neither does. TLS and API keys are read as every Temporal tool reads them.
 */
export async function configuredServer(environment: NodeJS.ProcessEnv): Promise<ServerHandle | null> {
  if (!mayBeConfigured(environment)) return null;
  const { loadClientConfigProfile, toClientOptions } = await import('@temporalio/envconfig');
  const variables = Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const profile = readOrRefuse(() => loadClientConfigProfile({ overrideEnvVars: variables }));
  if (profile.address === undefined || profile.address === '') return null;
  const { connectionOptions, namespace = 'default' } = readOrRefuse(() => toClientOptions(profile));
  const address = profile.address;
  const dataConverter = await createDataConverter(environment);
  return {
    address,
    namespace,
    uiUrl: environment.TEMPORAL_UI_URL?.replace(/\/+$/, '') ?? (isCloud(address) ? UI_OF_CLOUD : null),
    connectionOptions: { ...connectionOptions, address },
    ...(dataConverter === undefined ? {} : { dataConverter }),
    isEmbedded: false,
    release: async () => undefined,
  };
}

/** Whether there is anything to read. The library that reads it takes 0.1 s to load, which most starts can do without. */
function mayBeConfigured(environment: NodeJS.ProcessEnv): boolean {
  if (Object.keys(environment).some((name) => name.startsWith('TEMPORAL_'))) return true;
  const { HOME = '', XDG_CONFIG_HOME, APPDATA } = environment;
  const folders = [XDG_CONFIG_HOME, APPDATA, join(HOME, '.config'), join(HOME, 'Library', 'Application Support')];
  return folders.some((folder) => folder !== undefined && existsSync(join(folder, 'temporalio', 'temporal.toml')));
}

/** Whatever is wrong in the file or the variables is the user's to mend. */
function readOrRefuse<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new SyngraphError({
      code: 'USAGE',
      message: `the Temporal configuration (TEMPORAL_* variables, or the profile file) cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      nextStep: 'Correct it, or unset the variables and TEMPORAL_CONFIG_FILE to have Syngraph start a server itself.',
      cause,
    });
  }
}

/** @throws SyngraphError SERVER_UNAVAILABLE or SERVER_INCOMPATIBLE */
export async function checkConfiguredServer(server: ServerHandle): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ ...server.connectionOptions, connectTimeout: '5s' }).catch((cause: unknown) => {
    throw new SyngraphError({
      code: 'SERVER_UNAVAILABLE',
      message: `the Temporal server at ${server.address} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      nextStep: 'Start it or correct TEMPORAL_ADDRESS; without TEMPORAL_ADDRESS and profile, Syngraph starts a server itself.',
      cause,
    });
  });
  try {
    await requireSearchAttributes({ connection, address: server.address, namespace: server.namespace });
  } finally {
    await connection.close();
  }
}

function isCloud(address: string): boolean {
  return /\.(tmprl\.cloud|api\.temporal\.io)(:\d+)?$/.test(address);
}
