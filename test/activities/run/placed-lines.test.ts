import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastCheck from 'fast-check';
import { layOver, textsOf, type PlacedLine } from '../../../activities/run/retry/placed-lines.ts';

const layer = fastCheck
  .array(fastCheck.record({ ordinal: fastCheck.nat(30), text: fastCheck.option(fastCheck.string()) }))
  .map((lines): PlacedLine[] => lines.sort((left, right) => left.ordinal - right.ordinal));

async function* streamed(lines: PlacedLine[]): AsyncGenerator<PlacedLine> {
  yield* lines;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test('of each record the lines of the upper layer are taken, in order, and those of the lower one where it has none', async () => {
  await fastCheck.assert(
    fastCheck.asyncProperty(layer, layer, async (under, over) => {
      const covered = new Set(over.map(({ ordinal }) => ordinal));
      const wanted = [...under.filter(({ ordinal }) => !covered.has(ordinal)), ...over].sort((left, right) => left.ordinal - right.ordinal);
      assert.deepEqual(await collect(layOver(streamed(under), streamed(over))), wanted);
      assert.deepEqual((await collect(textsOf(layOver(streamed(under), streamed(over))))).flat(), wanted.flatMap(({ text }) => (text === null ? [] : [text])));
    }),
  );
});
