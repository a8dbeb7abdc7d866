import { SyngraphError } from '../../pipeline/errors.ts';
import type { Store } from './store.ts';

/** null where there is none. @throws SyngraphError STORE_INVALID */
export async function readJson<Value>(store: Store, key: string): Promise<Value | null> {
  const content = await store.read(key);
  if (content === null) return null;
  try {
    return JSON.parse(content.toString('utf8')) as Value;
  } catch (cause) {
    throw new SyngraphError({
      code: 'STORE_INVALID',
      message: `${key} in the store ${store.location} is not JSON`,
      nextStep: 'Remove that file if you changed it by hand; Syngraph writes its files whole or not at all.',
      cause,
    });
  }
}
