/** Rate of a growing count over the last while. */
export interface RateMeter {
  add(count: number, now: number): void;
  /** Per second; null until there are two samples a moment apart in which something has happened. */
  rate(): number | null;
}

/** @param windowMilliseconds how far back samples count; default 15 s */
export function createRateMeter(windowMilliseconds = 15_000): RateMeter {
  const samples: { count: number; at: number }[] = [];
  return {
    add(count, now) {
      samples.push({ count, at: now });
      // One sample beyond the window is kept, so that the window is always covered.
      while (samples.length > 2 && now - samples[1]!.at >= windowMilliseconds) samples.shift();
    },
    rate() {
      const first = samples[0];
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.at <= first.at || last.count <= first.count) return null;
      return (1000 * (last.count - first.count)) / (last.at - first.at);
    },
  };
}
