/** Runs work as soon as there is room. */
export type Turnstile = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets so many in at a time, the others in the order in which they came. */
export function createTurnstile(places: number): Turnstile {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
