import { bundleKey, pythonKey } from '../../activities/planning/load-code.ts';
import { planKey } from '../../activities/planning/load-plan.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store, StoreEntry } from '../../activities/store/store.ts';
import type { Plan } from '../../pipeline/plan.ts';

/** What is younger may belong to a run that is just being started. */
const YOUNG_MILLISECONDS = 24 * 60 * 60_000;

export interface Referring {
  /** Folders of the runs that stay. */
  folders: string[];
  /** Hashes of plans that runs and schedules will still want; null where the schedules could not be asked for. */
  plans: string[] | null;
  /** Epoch milliseconds. */
  now: number;
}

/** Plans, code and media that nothing which stays refers to. */
export async function findUnreferred(store: Store, { folders, plans, now }: Referring): Promise<StoreEntry[]> {
  const old = async (folder: string): Promise<StoreEntry[]> => {
    const entries: StoreEntry[] = [];
    for await (const entry of store.entries(folder)) if (entry.modified < now - YOUNG_MILLISECONDS) entries.push(entry);
    return entries;
  };
  const unreferred = plans === null ? [] : await withoutCode(store, plans, [...(await old('plans')), ...(await old('bundles'))]);
  return [...unreferred, ...(await withoutMedia(store, folders, await old('media')))];
}

async function withoutCode(store: Store, plans: string[], entries: StoreEntry[]): Promise<StoreEntry[]> {
  if (entries.length === 0) return [];
  const wanted = new Set<string>();
  for (const hash of new Set(plans)) {
    wanted.add(planKey(hash));
    const plan = await readJson<Pick<Plan, 'bundle'>>(store, planKey(hash));
    if (plan?.bundle === null || plan?.bundle === undefined) continue;
    wanted.add(bundleKey(plan.bundle.hash));
    if (plan.bundle.python !== undefined) wanted.add(pythonKey(plan.bundle.python.hash));
  }
  // Plans of runs that are only begun name their code, too.
  for await (const { key } of store.entries('plans')) {
    if (wanted.has(key) || entries.some((entry) => entry.key === key)) continue;
    const plan = await readJson<Pick<Plan, 'bundle'>>(store, key);
    if (plan?.bundle) wanted.add(bundleKey(plan.bundle.hash)).add(pythonKey(plan.bundle.python?.hash ?? ''));
  }
  return entries.filter(({ key }) => !wanted.has(key));
}

const MEDIA_NAME = /[0-9a-f]{64}\.[a-z0-9]{2,4}/g;

const LONGEST_NAME = 64 + 1 + 4;

/** A record may be anywhere in the files of a run: they are searched for the names, without reading them as JSON. */
async function withoutMedia(store: Store, folders: string[], entries: StoreEntry[]): Promise<StoreEntry[]> {
  const left = new Map(entries.map((entry) => [entry.key.slice('media/'.length), entry]));
  for (const folder of folders) {
    if (left.size === 0) break;
    for await (const { key } of store.entries(folder)) {
      let tail = '';
      for await (const chunk of store.openRead(key)) {
        const text = tail + (chunk as Buffer).toString('latin1');
        for (const [name] of text.matchAll(MEDIA_NAME)) forget(left, name);
        tail = text.slice(-LONGEST_NAME);
      }
    }
  }
  return [...left.values()];
}

/** The end of a name may be cut off, or be followed by a letter of what comes next. */
function forget(left: Map<string, StoreEntry>, name: string): void {
  for (let length = name.length; length > 66; length -= 1) left.delete(name.slice(0, length));
}
