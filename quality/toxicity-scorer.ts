/** A linear model of toxic language as its file has it; `numbers` are little-endian 32-bit floats in base64. */
export interface ToxicityModel {
  /** With blanks between. */
  words: string;
  /** Numbers, one for each word. */
  inverseDocumentFrequencies: string;
  machines: {
    /** Numbers, one for each word. */
    weights: string;
    intercept: number;
    slope: number;
    offset: number;
  }[];
}

/** As scikit-learn takes words out of a text: runs of two or more letters, digits and underscores. */
const WORD = /[\p{L}\p{N}_]{2,}/gu;

/**
 * How likely a text is to be toxic, from 0 to 1: linear support vector machines (Joachims 1998) over words weighted by TF-IDF,
 * each with Platt's sigmoid, and the mean of their probabilities. Texts without known words get what the model says of nothing.
 */
export function toxicityScorer({ words, inverseDocumentFrequencies, machines }: ToxicityModel): (text: string) => number {
  const places = new Map(words.split(' ').map((word, index) => [word, index]));
  const rarity = numbersOf(inverseDocumentFrequencies);
  const weights = machines.map((machine) => numbersOf(machine.weights));
  return (text) => {
    const counts = new Map<number, number>();
    for (const word of text.toLowerCase().match(WORD) ?? []) {
      const place = places.get(word);
      if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    let square = 0;
    const sums = machines.map(() => 0);
    for (const [place, count] of counts) {
      const value = count * rarity[place]!;
      square += value * value;
      for (const [machine, own] of weights.entries()) sums[machine]! += value * own[place]!;
    }
    const length = Math.sqrt(square) || 1;
    const probabilities = machines.map(({ intercept, slope, offset }, machine) => 1 / (1 + Math.exp(slope * (sums[machine]! / length + intercept) + offset)));
    return probabilities.reduce((sum, probability) => sum + probability, 0) / machines.length;
  };
}

function numbersOf(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}
