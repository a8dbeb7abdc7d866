import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ContaminationIndexBuilder, findOverlaps, type ContaminationIndex } from '../../quality/contamination-index.ts';
import { wordsOf } from '../../quality/words.ts';

const QUESTION = 'A ferry leaves the northern harbour at nine and needs three hours against the wind; when does it arrive at the island?';
const SHORT = 'How many legs have nine spiders and two cats?';

function index(texts: string[], { size = 13, leastWords = 8 } = {}): ContaminationIndex {
  const builder = new ContaminationIndexBuilder({ size, leastWords });
  for (const text of texts) builder.add('exam', wordsOf(text));
  return builder.finish();
}

const found = (texts: string[], text: string): string[] => findOverlaps(index(texts), wordsOf(text)).map(({ benchmark, words }) => `${benchmark}: ${words.join(' ')}`);

describe('the words of benchmarks', () => {
  it('are found 13 at a time, whatever case and punctuation', () => {
    const text = `Some say: ${QUESTION.toUpperCase().replaceAll(' ', ', ')} and so on.`;
    const overlaps = found([QUESTION], text);
    assert.equal(overlaps.length, wordsOf(QUESTION).length - 12);
    assert.equal(overlaps[0], 'exam: a ferry leaves the northern harbour at nine and needs three hours against');
  });

  it('are not found where 12 stand together, or the thirteenth is another', () => {
    const words = wordsOf(QUESTION);
    assert.deepEqual(found([QUESTION], words.slice(0, 12).join(' ')), []);
    assert.deepEqual(found([QUESTION], [...words.slice(0, 12), 'other', ...words.slice(13)].join(' ')), []);
  });

  it('of shorter texts are looked for whole, from eight on', () => {
    assert.deepEqual(found([SHORT, 'What is two plus two?'], `${SHORT} What is two plus two?`), ['exam: how many legs have nine spiders and two cats']);
  });

  it('are found wherever they stand, and nothing is found of what no benchmark has', () => {
    const word = fc.constantFrom(...'the ferry harbour nine island wind leaves of and water'.split(' '));
    const text = fc.array(word, { minLength: 0, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), text, (benchmarks, words) => {
        const runs = new Set(benchmarks.filter(({ length }) => length >= 4).flatMap((own) => Array.from({ length: Math.max(1, own.length - 5) }, (_, start) => own.slice(start, start + 6).join(' '))));
        const expected = words.filter((_, start) => [6, 5, 4].some((size) => start + size <= words.length && runs.has(words.slice(start, start + size).join(' ')))).length;
        return findOverlaps(index(benchmarks.map((own) => own.join(' ')), { size: 6, leastWords: 4 }), words).length === expected;
      }),
    );
  });
});
