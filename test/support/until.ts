import { setTimeout as sleep } from 'node:timers/promises';

/** A machine that is busy with other tests may take its time; a test that waits for ever is to fail, and say where. */
const LIMIT_MILLISECONDS = 180_000;

/** Asks again and again until there is an answer other than null, undefined and false, and returns it. */
export async function until<Answer>(ask: () => Answer | Promise<Answer>): Promise<Exclude<Answer, null | undefined | false>> {
  const deadline = Date.now() + LIMIT_MILLISECONDS;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer as Exclude<Answer, null | undefined | false>;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${ask.toString()}`);
    await sleep(20);
  }
}
