import { SyngraphError } from '../../pipeline/errors.ts';
import type { ContaminationIndex } from '../../quality/contamination-index.ts';
import type { Store } from '../store/store.ts';

/** Runs with benchmarks of their own that a worker serves at once hardly ever are more. */
const MOST_KEPT = 4;

const kept = new Map<string, Promise<ContaminationIndex>>();

/** Key of the index that `prepareRun` has made of a node's benchmarks: all workers look for the same, whatever becomes of the files. */
export function contaminationKey(folder: string, node: string): string {
  return `${folder}/benchmarks/${encodeURIComponent(node)}.index`;
}

/** A line of JSON, and the table as it lies in memory, on machines that write the low byte first. */
export async function writeContaminationIndex(store: Store, key: string, { benchmarks, sizes, table }: ContaminationIndex): Promise<void> {
  const head = Buffer.from(`${JSON.stringify({ benchmarks, sizes })}\n`);
  await store.write(key, Buffer.concat([head, Buffer.from(table.buffer, table.byteOffset, table.byteLength)]));
}

/** In memory that threads share, once for a process. @throws SyngraphError STORE_INVALID */
export async function loadContaminationIndex(store: Store, key: string): Promise<ContaminationIndex> {
  const name = `${store.location}\0${key}`;
  const known = kept.get(name) ?? readIndex(store, key);
  kept.delete(name);
  kept.set(name, known);
  known.catch(() => kept.delete(name));
  for (const oldest of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(oldest);
  return known;
}

async function readIndex(store: Store, key: string): Promise<ContaminationIndex> {
  const bytes = await store.read(key);
  if (bytes === null) throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks ${key}, the index of the benchmarks` });
  const end = bytes.indexOf('\n');
  const { benchmarks, sizes } = JSON.parse(bytes.toString('utf8', 0, end)) as Pick<ContaminationIndex, 'benchmarks' | 'sizes'>;
  const shared = new SharedArrayBuffer(bytes.length - end - 1);
  new Uint8Array(shared).set(bytes.subarray(end + 1));
  return { benchmarks, sizes, table: new Uint32Array(shared) };
}
