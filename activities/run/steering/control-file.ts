import type { RunControl } from '../../../pipeline/run-contract.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';

/** `control.json` in a run's folder; an empty control where there is none. */
export async function readControl(store: Store, folder: string): Promise<RunControl> {
  return (await readJson<RunControl>(store, controlKey(folder))) ?? {};
}

export async function writeControl(store: Store, folder: string, control: RunControl): Promise<void> {
  await store.write(controlKey(folder), JSON.stringify(control));
}

function controlKey(folder: string): string {
  return `${folder}/control.json`;
}
