import { createHash } from 'node:crypto';
import type { DiskSourcePlan, SourcePlan } from '../../pipeline/plan.ts';
import { readFileBytes, statSource } from './file-access.ts';
import type { SourceIdentity } from './record-source.ts';

/**
 * What the source is now: the sha256 of a file's content, read as a stream, or the commit of a Hub
 * dataset whose files `openSource` would read.
 * @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID
 */
export async function readSourceIdentity(source: SourcePlan, environment: NodeJS.ProcessEnv): Promise<SourceIdentity> {
  if (source.type === 'hf') return (await import('./hub-source.ts')).readHubIdentity(source, environment);
  const { bytes, modified } = await statSource(source.path);
  return { name: source.path, version: await fileHash(source), bytes, modified };
}

/**
 * Whether the source is another than the one that was planned. Cheap where a file's size and time
 * are as before; a file that was only touched is read again to tell. A file or repository that is
 * gone is an error. A Hub dataset never changes under a run, since it is read at the planned commit.
 * @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID
 */
export async function sourceChanged(source: SourcePlan, identity: SourceIdentity): Promise<boolean> {
  if (source.type === 'hf') return source.repoId !== identity.name;
  const { bytes, modified } = await statSource(source.path);
  if (bytes !== identity.bytes) return true;
  if (modified === identity.modified) return false;
  return (await fileHash(source)) !== identity.version;
}

async function fileHash({ path }: DiskSourcePlan): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readFileBytes(path)) hash.update(chunk);
  return hash.digest('hex');
}
