/**
 * Reads one thing after the other, in order, with the next ones under way: a bucket takes some ten
 * milliseconds for each. So many results are in memory at most.
 */
export async function* readAhead<Key, Result>(keys: Iterable<Key> | AsyncIterable<Key>, settings: { ahead: number; read: (key: Key) => Promise<Result> }): AsyncGenerator<{ key: Key; result: Result }> {
  const { ahead, read } = settings;
  const underWay: { key: Key; reading: Promise<Result> }[] = [];
  for await (const key of keys) {
    const reading = read(key);
    // Whoever takes its turn is told; until then nobody listens.
    reading.catch(() => undefined);
    underWay.push({ key, reading });
    const first = underWay.length < ahead ? undefined : underWay.shift();
    if (first !== undefined) yield { key: first.key, result: await first.reading };
  }
  for (const { key, reading } of underWay) yield { key, result: await reading };
}
