import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { readEncryptionKeys } from './encryption-keys.ts';
import { createPayloadCodec } from './payload-codec.ts';

/** Read by failure-converter.cjs. */
const REGISTERED = Symbol.for('syngraph.failure-converter');

/**
 * How every client and worker of ours turns values into Temporal's payloads: undefined, which is
 * Temporal's own way, unless the environment has encryption keys. With keys, messages and stacks of
 * failures are encrypted as well.
 * @throws SyngraphError USAGE where the keys cannot be used
 */
export async function createDataConverter(environment: NodeJS.ProcessEnv): Promise<DataConverter | undefined> {
  const keys = readEncryptionKeys(environment);
  if (keys === null) return undefined;
  const { DefaultFailureConverter } = await import('@temporalio/common');
  // Temporal takes a failure converter by the path of a CommonJS module only, which in a bundle would have classes of its own.
  (globalThis as Record<symbol, unknown>)[REGISTERED] ??= new DefaultFailureConverter({ encodeCommonAttributes: true });
  return { payloadCodecs: [createPayloadCodec(keys)], failureConverterPath: converterPath() };
}

/** Beside this file, or at the top of the build. */
function converterPath(): string {
  const paths = ['./failure-converter.cjs', '../failure-converter.cjs'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const path = paths.find((each) => existsSync(each));
  if (path === undefined) throw new Error(`failure-converter.cjs is missing from the build; it should be at ${paths.join(' or ')}`);
  return path;
}
