import type { Store } from '../../activities/store/store.ts';
import type { RunName } from './run-name.ts';

/** Every run in the store, in no order; those of one pipeline where it is named. */
export async function listRunNames(store: Store, pipeline?: string): Promise<RunName[]> {
  const pipelines = pipeline === undefined ? (await foldersIn(store, 'runs')) : [pipeline];
  const runs = await Promise.all(
    pipelines.map(async (name) => (await foldersIn(store, `runs/${name}`)).map((run): RunName => ({ pipeline: name, run }))),
  );
  return runs.flat();
}

async function foldersIn(store: Store, folder: string): Promise<string[]> {
  return (await store.list(folder)).filter((key) => key.endsWith('/')).map((key) => key.slice(folder.length + 1, -1));
}
