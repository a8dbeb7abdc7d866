/** Two hashes of 32 bits for each word, which hang on it alone. */
export interface WordHashes {
  high: Int32Array;
  low: Int32Array;
}

/** FNV-1a over UTF-16 units, from two beginnings. */
export function wordHashes(words: readonly string[]): WordHashes {
  const high = new Int32Array(words.length);
  const low = new Int32Array(words.length);
  for (const [index, word] of words.entries()) {
    let [one, other] = [0x811c9dc5, 0x2f0b4c27];
    for (let place = 0; place < word.length; place += 1) {
      const unit = word.charCodeAt(place);
      one = Math.imul(one ^ unit, 0x01000193);
      other = Math.imul(other ^ unit, 0x5bd1e995) ^ (other >>> 13);
    }
    high[index] = one ^ (one >>> 15);
    low[index] = other ^ (other >>> 16);
  }
  return { high, low };
}
