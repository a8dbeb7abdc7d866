/**
 * A word is a run of letters, marks and digits. Scripts that write without blanks between words have
 * each character taken as one, so that texts in them have more than one word a sentence.
 */
const WORD = new RegExp(
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]' +
    '|[[\\p{L}\\p{N}\\p{M}]--[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]]+',
  'gv',
);
const ASCII_WORD = /[a-z0-9]+/g;
const ASCII = /^[\0-\x7f]*$/;

/** As texts are compared: case, width and kinds of blanks do not tell them apart. */
export function normalizeText(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKC');
  return plain.toLowerCase().replace(/\s+/gu, ' ').trim();
}

export interface ShingleOptions {
  unit: 'word' | 'character';
  /** Units that make a shingle. A shorter text is one shingle. */
  length: number;
}

/**
 * The set of a text's shingles as 32-bit hashes, ascending, each once. Shingles and their use for
 * resemblance: Broder, "On the resemblance and containment of documents" (1997). Two sets of a
 * thousand shingles share a hash by chance once in about 4,000 pairs, which moves their similarity by
 * less than 0.001.
 */
export function shingleHashes(text: string, { unit, length }: ShingleOptions): Uint32Array {
  const normal = normalizeText(text);
  const units = unit === 'character' ? characterHashes(normal) : wordHashes(normal);
  if (units.length === 0) return new Uint32Array(0);
  const size = Math.min(length, units.length);
  const hashes = new Uint32Array(units.length - size + 1);
  for (let start = 0; start < hashes.length; start += 1) {
    let hash = size;
    for (let offset = 0; offset < size; offset += 1) hash = Math.imul(hash ^ units[start + offset]!, 0x5bd1e995) + (hash >>> 15);
    hashes[start] = mix(hash);
  }
  return unique(hashes.sort());
}

function wordHashes(text: string): Int32Array {
  const words = text.match(ASCII.test(text) ? ASCII_WORD : WORD) ?? [];
  const hashes = new Int32Array(words.length);
  for (let index = 0; index < words.length; index += 1) hashes[index] = hashWord(words[index]!);
  return hashes;
}

function characterHashes(text: string): Int32Array {
  return Int32Array.from(Array.from(text), (character) => mix(character.codePointAt(0)!));
}

/** FNV-1a over UTF-16 units, with the final mix that it lacks. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. */
export function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function unique(sorted: Uint32Array): Uint32Array {
  let size = 0;
  for (let index = 0; index < sorted.length; index += 1) {
    if (index > 0 && sorted[index] === sorted[index - 1]) continue;
    sorted[size] = sorted[index]!;
    size += 1;
  }
  return sorted.subarray(0, size);
}

/** Shared members over all members, of two ascending sets. */
export function jaccard(left: Uint32Array, right: Uint32Array): number {
  let shared = 0;
  for (let one = 0, other = 0; one < left.length && other < right.length; ) {
    const difference = left[one]! - right[other]!;
    if (difference === 0) shared += 1;
    if (difference <= 0) one += 1;
    if (difference >= 0) other += 1;
  }
  const all = left.length + right.length - shared;
  return all === 0 ? 0 : shared / all;
}
