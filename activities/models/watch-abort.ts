const callbacksBySignal = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts, until the returned function is called. All watchers of a
 * signal share one listener: an EventTarget removes listeners in linear time, and hundreds of
 * calls share the signal of their activity. An aborted signal never calls back: check it first.
 */
export function watchAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = callbacksBySignal.get(signal);
  if (callbacks === undefined) {
    const created = new Set<() => void>();
    signal.addEventListener('abort', () => {
      for (const each of [...created]) each();
    });
    callbacksBySignal.set(signal, created);
    callbacks = created;
  }
  const watched = callbacks;
  watched.add(callback);
  return () => void watched.delete(callback);
}
