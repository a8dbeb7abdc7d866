import { createHash } from 'node:crypto';
import type { DiskSourcePlan, JoinedSourcePlan, SourcePlan } from '../../pipeline/plan.ts';
import { readFileBytes, statSource } from './file-access.ts';
import type { SourceIdentity } from './record-source.ts';
import { sourceName } from './source-name.ts';

/**
 * What the source is now: the sha256 of a file's content, read as a stream, or the commit of a Hub
 * dataset whose files `openSource` would read. A ServiceNow table has no version: its count of rows
 * and its last change stand for it. Joined sources have those of their parts.
 * @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID
 */
export async function readSourceIdentity(source: SourcePlan, environment: NodeJS.ProcessEnv): Promise<SourceIdentity> {
  if (source.type === 'hf') return (await import('./hub-source.ts')).readHubIdentity(source, environment);
  if (source.type === 'servicenow') {
    const { readServiceNowIdentity } = await import('./servicenow/servicenow-source.ts');
    return readServiceNowIdentity(source, environment);
  }
  if (source.type === 'joined') return joinedIdentity(source, environment);
  const { bytes, modified } = await statSource(source.path);
  return { name: source.path, version: await fileHash(source), bytes, modified };
}

/**
 * Whether the source is another than the one that was planned. Cheap where a file's size and time
 * are as before; a file that was only touched is read again to tell. A file or repository that is
 * gone is an error. A Hub dataset never changes under a run, since it is read at the planned commit.
 * A ServiceNow table always changes; what counts is what was staged of it.
 * @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID
 */
export async function sourceChanged(source: SourcePlan, identity: SourceIdentity): Promise<boolean> {
  if (source.type === 'hf') return source.repoId !== identity.name;
  if (source.type === 'servicenow') return false;
  if (source.type === 'joined') return anyChanged(source, identity);
  const { bytes, modified } = await statSource(source.path);
  if (bytes !== identity.bytes) return true;
  if (modified === identity.modified) return false;
  return (await fileHash(source)) !== identity.version;
}

async function joinedIdentity(source: JoinedSourcePlan, environment: NodeJS.ProcessEnv): Promise<SourceIdentity> {
  const parts = await Promise.all(source.parts.map((part) => readSourceIdentity(part.source, environment)));
  const version = createHash('sha256').update(JSON.stringify(parts.map((part) => part.version))).digest('hex');
  return { name: sourceName(source), version, bytes: null, parts };
}

async function anyChanged(source: JoinedSourcePlan, identity: SourceIdentity): Promise<boolean> {
  const { parts = [] } = identity;
  if (parts.length !== source.parts.length) return true;
  for (const [index, part] of source.parts.entries()) if (await sourceChanged(part.source, parts[index]!)) return true;
  return false;
}

async function fileHash({ path }: DiskSourcePlan): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readFileBytes(path)) hash.update(chunk);
  return hash.digest('hex');
}
