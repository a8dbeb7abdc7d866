import { END_OF_LINE, POINTS, type CodeBook, type FastTextModel } from './read-fast-text-model.ts';

/** Words whose vectors are kept: most of any text is made of some thousands. */
const MOST_WORDS = 16_384;
/** Longer words do not come again. */
const LONGEST_KEPT_WORD = 40;
const LABEL = '__label__';

/** Where fastText parts words; line breaks would end the text. */
const BETWEEN_WORDS = /[ \t\v\f\0]+/;

/** As fastText adds it to probabilities before it takes their logarithms. */
const LITTLE = 1e-5;

export interface LikeliestLabel {
  label: string;
  /** As fastText gives it: up to about 1e-5 per node of the tree above what it is, so that it may come out above 1. */
  probability: number;
}

/**
 * The likeliest label of one line of text by a model of fastText, equal to fastText's but for the last digits of its single
 * precision: it adds up the vectors of words, which are kept, instead of those of all runs of characters, time and again.
 * null where nothing in the text is known to the model.
 */
export function fastTextClassifier(model: FastTextModel): (line: string) => LikeliestLabel | null {
  const { columns } = model.rows;
  const tree = treeOf(model);
  /** For each kept word its sum of rows, and how many these are. */
  const kept = new Map<string, number>();
  const sums = new Float64Array(MOST_WORDS * columns);
  const counts = new Int32Array(MOST_WORDS);
  const own = new Float64Array(columns);
  const hidden = new Float64Array(columns);

  return (line) => {
    hidden.fill(0);
    let rows = 0;
    const words = line.split(BETWEEN_WORDS);
    const end = words.indexOf(END_OF_LINE);
    for (const word of end === -1 ? words : words.slice(0, end)) if (word !== '') rows += addWord(word);
    rows += addWord(END_OF_LINE);
    if (rows === 0) return null;
    for (let column = 0; column < columns; column += 1) hidden[column]! /= rows;
    const { leaf, score } = likeliest(model, tree, hidden);
    return { label: model.labels[leaf]!.label, probability: Math.exp(score) };
  };

  function addWord(word: string): number {
    const known = kept.get(word);
    if (known !== undefined) {
      for (let column = 0; column < columns; column += 1) hidden[column]! += sums[known * columns + column]!;
      return counts[known]!;
    }
    own.fill(0);
    const rows = rowsOf(model, word);
    for (const row of rows) addRow(model, row, own);
    for (let column = 0; column < columns; column += 1) hidden[column]! += own[column]!;
    if (word.length > LONGEST_KEPT_WORD) return rows.length;
    if (kept.size === MOST_WORDS) kept.clear();
    counts[kept.size] = rows.length;
    sums.set(own, kept.size * columns);
    kept.set(word, kept.size);
    return rows.length;
  }
}

/** The rows of a word itself and of the runs of characters that it has. */
function rowsOf(model: FastTextModel, word: string): number[] {
  const known = model.words.get(word);
  if (word === END_OF_LINE || (known === undefined && word.startsWith(LABEL))) return known === undefined ? [] : [known];
  const rows = known === undefined ? [] : [known];
  const bytes = Buffer.from(`<${word}>`);
  for (let start = 0; start < bytes.length; start += 1) {
    if (isInside(bytes[start]!)) continue;
    let end = start;
    let hash = 0x811c9dc5;
    for (let length = 1; end < bytes.length && length <= model.longest; length += 1) {
      do hash = Math.imul(hash ^ signed(bytes[end++]!), 0x01000193);
      while (end < bytes.length && isInside(bytes[end]!));
      if (length < model.shortest || (length === 1 && (start === 0 || end === bytes.length))) continue;
      const row = model.runs.get((hash >>> 0) % model.buckets);
      if (row !== undefined) rows.push(row);
    }
  }
  return rows;
}

/** Not the first byte of a character. */
function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** FNV-1a as fastText has it: of bytes with a sign. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function addRow({ rows: { codes, parts, lengths } }: FastTextModel, row: number, to: Float64Array): void {
  const length = lengths === null ? 1 : lengths.book.points[lengths.codes[row]!]!;
  for (let part = 0; part < parts.parts; part += 1) {
    const start = pointAt(parts, part, codes[row * parts.parts + part]!);
    const width = part === parts.parts - 1 ? parts.lastWidth : parts.width;
    for (let place = 0; place < width; place += 1) to[part * parts.width + place]! += length * parts.points[start + place]!;
  }
}

function pointAt({ parts, width, lastWidth }: CodeBook, part: number, code: number): number {
  return part * POINTS * width + code * (part === parts - 1 ? lastWidth : width);
}

/** Two children of each inner node, by their numbers; leaves are the labels, inner nodes come after them, the root last. */
interface Tree {
  left: Int32Array;
  right: Int32Array;
}

/** Huffman's tree of the labels, which stand in the order of their counts. */
function treeOf({ labels }: FastTextModel): Tree {
  const size = labels.length;
  const counts = new Float64Array(2 * size - 1).fill(1e15);
  for (const [index, { count }] of labels.entries()) counts[index] = count;
  const tree = { left: new Int32Array(size), right: new Int32Array(size) };
  let leaf = size - 1;
  let inner = size;
  const rarest = (): number => (leaf >= 0 && counts[leaf]! < counts[inner]! ? leaf-- : inner++);
  for (let node = size; node < 2 * size - 1; node += 1) {
    const [left, right] = [rarest(), rarest()];
    tree.left[node - size] = left;
    tree.right[node - size] = right;
    counts[node] = counts[left]! + counts[right]!;
  }
  return tree;
}

/** Goes down the tree, and leaves what cannot become likelier than the best so far. */
function likeliest({ labels, nodes, rows: { columns } }: FastTextModel, { left, right }: Tree, hidden: Float64Array): { leaf: number; score: number } {
  let best = { leaf: 0, score: -Infinity };
  const visit = (node: number, score: number): void => {
    if (score < best.score) return;
    if (node < labels.length) {
      best = { leaf: node, score };
      return;
    }
    const inner = node - labels.length;
    let sum = 0;
    for (let column = 0; column < columns; column += 1) sum += hidden[column]! * nodes[inner * columns + column]!;
    const share = 1 / (1 + Math.exp(-sum));
    visit(left[inner]!, score + Math.log(1 - share + LITTLE));
    visit(right[inner]!, score + Math.log(share + LITTLE));
  };
  visit(2 * labels.length - 2, 0);
  return best;
}
