import { batchFolder, type BatchKey } from '../../activities/nodes/batch-data.ts';
import { parseResult, type NodeResultFile } from '../../activities/nodes/node-result.ts';
import { partKey, readManifest, wholeParts, type PartFooter } from '../../activities/run/range-files.ts';
import { readPartLines } from '../../activities/run/run-parts.ts';
import type { Store } from '../../activities/store/store.ts';

/** Results of a batch's activities in the order in which they were accepted. */
export async function acceptedResults(store: Store, batch: BatchKey): Promise<NodeResultFile[]> {
  const folder = batchFolder(batch, 'state');
  const accepted = (await acceptedNames(store, batch)) ?? (await latestNames(store, folder));
  const files: NodeResultFile[] = [];
  for (const name of accepted) {
    const content = await store.read(`${folder}/${name}.jsonl`);
    if (content !== null) files.push(parseResult(content.toString('utf8')));
  }
  return files;
}

/** As the batch's part says; null where it has none yet. */
async function acceptedNames(store: Store, { folder, range, batch }: BatchKey): Promise<string[] | null> {
  const closed = (await readManifest(store, folder, range))?.batches.find((one) => one.batch === batch)?.part;
  const part = closed ?? (await wholeParts(store, folder, range)).get(batch);
  if (part === undefined) return null;
  const footer = JSON.parse((await readPartLines(store, partKey(folder, range, part))).at(-2) ?? '{}') as Partial<PartFooter>;
  return footer.accepted ?? null;
}

/** Of a batch that is not finished: what the latest attempt of each activity has left. */
async function latestNames(store: Store, folder: string): Promise<string[]> {
  const latest = new Map<string, string>();
  const names = (await store.list(folder)).map((key) => key.slice(folder.length + 1).replace(/\.jsonl$/, '')).sort();
  for (const name of names) latest.set(name.slice(0, name.indexOf('-')), name);
  return [...latest.values()];
}
