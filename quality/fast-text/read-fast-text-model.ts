import { ByteReader } from './byte-reader.ts';

const MAGIC = 793712314;
const VERSION = 12;
/** Of `args::model_name`, `args::loss_name` and `entry_type`. */
const SUPERVISED = 3;
const HIERARCHICAL = 1;
const WORD = 0;
/** Bytes of a 64-bit number. */
const LONG = 8;
/** Points that a part of a row may lie at: as many as a byte can tell apart. */
export const POINTS = 256;
/** What fastText has for the end of a line: a word like any other. */
export const END_OF_LINE = '</s>';

/** A matrix whose rows are kept as codes: a byte for every `width` numbers of a row, and one for its length. */
export interface CodedMatrix {
  columns: number;
  codes: Uint8Array;
  parts: CodeBook;
  /** null: rows have no lengths of their own. */
  lengths: { codes: Uint8Array; book: CodeBook } | null;
}

/** 256 points for each part of a row, one after another. */
export interface CodeBook {
  /** Parts of a row. */
  parts: number;
  /** Numbers of a part; the last part may have fewer. */
  width: number;
  lastWidth: number;
  points: Float32Array;
}

/** A classifier as fastText writes it with compressed input and hierarchical softmax, such as lid.176.ftz. */
export interface FastTextModel {
  /** Lengths of the runs of characters that a word is made of. */
  shortest: number;
  longest: number;
  /** Runs share so many numbers. */
  buckets: number;
  /** Row of each word that has one of its own. */
  words: Map<string, number>;
  /** Row of each run that has been kept, by its number. */
  runs: Map<number, number>;
  rows: CodedMatrix;
  /** The most frequent first, with how often each occurred. */
  labels: { label: string; count: number }[];
  /** One vector of `rows.columns` numbers for each inner node of the labels' tree. */
  nodes: Float32Array;
}

/**
 * Reads a model of fastText, https://fasttext.cc, version 12 of its format: Joulin et al. 2016, "FastText.zip".
 * @throws RangeError where the bytes are no such model
 */
export function readFastTextModel(bytes: Uint8Array): FastTextModel {
  const reader = new ByteReader(bytes);
  if (reader.int32() !== MAGIC || reader.int32() !== VERSION) throw new RangeError('no model of fastText in version 12 of its format');
  const settings = Array.from({ length: 12 }, () => reader.int32());
  const [dimension = 0, , , , , wordNgrams, loss, kind, buckets = 0, shortest = 0, longest = 0] = settings;
  if (kind !== SUPERVISED || loss !== HIERARCHICAL || wordNgrams !== 1) throw new RangeError('a model of fastText that is no classifier of single words with hierarchical softmax');
  reader.skip(LONG);
  const { words, labels, runs } = readDictionary(reader);
  if (!reader.boolean()) throw new RangeError('a model of fastText whose input is not compressed');
  const rows = readCodedMatrix(reader);
  if (reader.boolean()) throw new RangeError('a model of fastText whose output is compressed');
  const [nodes, columns] = [reader.int64(), reader.int64()];
  if (rows.columns !== dimension || columns !== dimension || nodes !== labels.length) throw new RangeError('a model of fastText whose sizes do not agree');
  return { shortest, longest, buckets, words, runs, rows, labels, nodes: reader.float32s(nodes * columns) };
}

function readDictionary(reader: ByteReader): Pick<FastTextModel, 'words' | 'labels' | 'runs'> {
  const [size, wordCount] = [reader.int32(), reader.int32()];
  reader.skip(4 + LONG);
  const kept = reader.int64();
  const words = new Map<string, number>();
  const labels: FastTextModel['labels'] = [];
  for (let entry = 0; entry < size; entry += 1) {
    const text = reader.textToZero();
    const count = reader.int64();
    if (reader.int8() === WORD) words.set(text, entry);
    else labels.push({ label: text, count });
  }
  const runs = new Map<number, number>();
  for (let entry = 0; entry < kept; entry += 1) runs.set(reader.int32(), wordCount + reader.int32());
  return { words, labels, runs };
}

function readCodedMatrix(reader: ByteReader): CodedMatrix {
  const hasLengths = reader.boolean();
  const [rows, columns] = [reader.int64(), reader.int64()];
  const codes = reader.bytes(reader.int32());
  const parts = readCodeBook(reader);
  if (codes.length !== rows * parts.parts) throw new RangeError('a model of fastText whose rows are not whole');
  return { columns, codes, parts, lengths: hasLengths ? { codes: reader.bytes(rows), book: readCodeBook(reader) } : null };
}

function readCodeBook(reader: ByteReader): CodeBook {
  const [dimension, parts, width, lastWidth] = [reader.int32(), reader.int32(), reader.int32(), reader.int32()];
  return { parts, width, lastWidth, points: reader.float32s(dimension * POINTS) };
}
