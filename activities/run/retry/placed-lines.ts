/** A line of the output or of the failed records, with its record's place in the run. */
export interface PlacedLine {
  ordinal: number;
  /** null: the record has no line here any more. */
  text: string | null;
}

/**
 * Two streams in the order of ordinals as one; where both have a record, `over` is what counts.
 * Holds one line of each.
 */
export async function* layOver(under: AsyncIterable<PlacedLine>, over: AsyncIterable<PlacedLine>): AsyncGenerator<PlacedLine> {
  const below = under[Symbol.asyncIterator]();
  const above = over[Symbol.asyncIterator]();
  try {
    let low = await below.next();
    for (let high = await above.next(); high.done !== true; high = await above.next()) {
      const { ordinal } = high.value;
      for (; low.done !== true && low.value.ordinal <= ordinal; low = await below.next()) {
        if (low.value.ordinal < ordinal) yield low.value;
      }
      yield high.value;
    }
    for (; low.done !== true; low = await below.next()) yield low.value;
  } finally {
    await below.return?.();
    await above.return?.();
  }
}

/** Lines that are handed on together. */
const BLOCK = 200;

/** The lines that there are. */
export async function* textsOf(lines: AsyncIterable<PlacedLine>): AsyncGenerator<string[]> {
  let block: string[] = [];
  for await (const { text } of lines) {
    if (text === null || block.push(text) < BLOCK) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}
