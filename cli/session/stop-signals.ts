/** Ctrl-C and SIGTERM while a run is watched. */
export interface StopSignals {
  /** Resolves at the first. */
  first: Promise<void>;
  /** Resolves at the second. */
  second: Promise<void>;
  /** Gives the signals back to Node. */
  dispose(): void;
}

/** npm passes on the Ctrl-C that the terminal has sent us too: what follows so soon is the same key press. */
const SAME_PRESS_MILLISECONDS = 400;

export function listenForStop(): StopSignals {
  let count = 0;
  let firstAt = 0;
  let resolveFirst: () => void;
  let resolveSecond: () => void;
  const first = new Promise<void>((resolve) => (resolveFirst = resolve));
  const second = new Promise<void>((resolve) => (resolveSecond = resolve));
  const onSignal = (): void => {
    const now = Date.now();
    if (count === 1 && now - firstAt < SAME_PRESS_MILLISECONDS) return;
    count += 1;
    if (count === 1) {
      firstAt = now;
      resolveFirst();
    } else resolveSecond();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    first,
    second,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
