import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeModelServer } from '../../fake-model/start-fake-model.ts';

/** So many looks without a change: many short ones, as a machine that stands still for a while is not quiet. */
const TURNS = 15;

/** Waits until no call has come for a while, and those in flight are back. Returns the number of calls. */
export async function quiet(fake: FakeModelServer): Promise<number> {
  let { calls } = fake.stats();
  for (let turns = 0; turns < TURNS; turns += 1) {
    await sleep(20);
    const now = fake.stats();
    if (now.calls === calls && now.inFlight === 0) continue;
    calls = now.calls;
    turns = 0;
  }
  return calls;
}
