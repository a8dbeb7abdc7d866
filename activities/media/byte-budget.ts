/** Lets work with so many bytes go on at a time; what is larger than all of it goes alone. */
export interface ByteBudget {
  /** Resolves to what gives the bytes back. Rejects with the signal's reason. */
  take(bytes: number, signal: AbortSignal): Promise<() => void>;
}

export function createByteBudget(total: number): ByteBudget {
  let free = total;
  const waiting: { bytes: number; start: () => void }[] = [];

  function startWaiting(): void {
    for (let first = waiting[0]; first !== undefined && first.bytes <= free; first = waiting[0]) {
      waiting.shift();
      free -= first.bytes;
      first.start();
    }
  }

  return {
    take(wanted, signal) {
      const bytes = Math.min(wanted, total);
      const release = (): (() => void) => {
        let isHeld = true;
        return () => {
          if (!isHeld) return;
          isHeld = false;
          free += bytes;
          startWaiting();
        };
      };
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const entry = { bytes, start: (): void => { signal.removeEventListener('abort', leave); resolve(release()); } };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal.reason as Error);
          startWaiting();
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(entry);
        startWaiting();
      });
    },
  };
}
