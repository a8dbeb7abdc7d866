import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SHAPE = { layers: 2, hidden: 128, feedForward: 256, heads: 4, positions: 32 };
const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...'the ferry leaves at nine every morning from a pier behind market and takes an hour ##s ##ing ! .'.split(' ')];
/** Tokens of a text that count, those that begin and end it included. */
export const TINY_MAXIMUM = 12;

type Tensors = Map<string, { dims: number[]; values: Float32Array }>;

/** A random BERT of 300,000 weights, in a folder as sentence-transformers writes it. */
export function writeTinyEncoder(folder: string): Tensors {
  mkdirSync(folder, { recursive: true });
  const tensors = tinyTensors();
  writeFileSync(join(folder, 'model.safetensors'), safetensorsOf(tensors));
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }));
  const token = (id: string): object => ({ SpecialToken: { id, type_id: 0 } });
  const files = {
    'config.json': { model_type: 'bert', hidden_act: 'gelu', hidden_size: SHAPE.hidden, intermediate_size: SHAPE.feedForward, num_hidden_layers: SHAPE.layers, num_attention_heads: SHAPE.heads, vocab_size: WORDS.length, max_position_embeddings: SHAPE.positions, layer_norm_eps: 1e-12 },
    'sentence_bert_config.json': { max_seq_length: TINY_MAXIMUM },
    'tokenizer_config.json': { tokenizer_class: 'BertTokenizer' },
    'tokenizer.json': {
      version: '1.0',
      truncation: { max_length: 4, strategy: 'LongestFirst', stride: 0 },
      padding: { strategy: { Fixed: 16 }, direction: 'Right', pad_to_multiple_of: null, pad_id: 0, pad_type_id: 0, pad_token: '[PAD]' },
      added_tokens: special,
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: { type: 'TemplateProcessing', single: [token('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, token('[SEP]')], pair: [], special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] } } },
      decoder: null,
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])) },
    },
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  return tensors;
}

/** Ids of words that the vocabulary has whole. */
export const idsOf = (words: string): number[] => [2, ...words.split(' ').map((word) => Math.max(1, WORDS.indexOf(word))), 3];

function tinyTensors(): Tensors {
  let state = 11;
  const noise = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
  const tensors: Tensors = new Map();
  const add = (name: string, dims: number[], [middle, width]: [number, number]): unknown =>
    tensors.set(name, { dims, values: Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, () => middle + width * noise()) });
  const { hidden, feedForward, layers, positions } = SHAPE;
  const linear = (name: string, to: number, from: number): void => void [add(`${name}.weight`, [to, from], [0, 0.3]), add(`${name}.bias`, [to], [0, 0.2])];
  const norm = (name: string): void => void [add(`${name}.weight`, [hidden], [1, 0.5]), add(`${name}.bias`, [hidden], [0, 0.2])];
  add('embeddings.word_embeddings.weight', [WORDS.length, hidden], [0, 1]);
  add('embeddings.position_embeddings.weight', [positions, hidden], [0, 0.3]);
  add('embeddings.token_type_embeddings.weight', [2, hidden], [0, 0.1]);
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < layers; layer += 1) {
    const name = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) linear(`${name}.attention.self.${part}`, hidden, hidden);
    linear(`${name}.attention.output.dense`, hidden, hidden);
    norm(`${name}.attention.output.LayerNorm`);
    linear(`${name}.intermediate.dense`, feedForward, hidden);
    linear(`${name}.output.dense`, hidden, feedForward);
    norm(`${name}.output.LayerNorm`);
  }
  return tensors;
}

function safetensorsOf(tensors: Tensors): Buffer {
  let end = 0;
  const header = Object.fromEntries([...tensors].map(([name, { dims, values }]) => [name, { dtype: 'F32', shape: dims, data_offsets: [end, (end += values.byteLength)] }]));
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...[...tensors.values()].map(({ values }) => Buffer.from(values.buffer))]);
}

/** What the tiny model makes of tokens, word by word as Devlin et al. 2019 write it down, in double precision. */
export function tinyVector(tensors: Tensors, ids: number[]): number[] {
  const { hidden, heads, layers } = SHAPE;
  const size = hidden / heads;
  const values = (name: string): Float32Array => tensors.get(name)!.values;
  const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
  const plus = (left: number[], right: number[]): number[] => left.map((value, index) => value + right[index]!);
  const linear = (x: number[], name: string): number[] => Array.from(values(`${name}.bias`), (bias, row) => bias + sum(x.map((value, column) => value * values(`${name}.weight`)[row * x.length + column]!)));
  const norm = (x: number[], name: string): number[] => {
    const mean = sum(x) / x.length;
    const spread = Math.sqrt(sum(x.map((value) => (value - mean) ** 2)) / x.length + 1e-12);
    return x.map((value, index) => ((value - mean) / spread) * values(`${name}.weight`)[index]! + values(`${name}.bias`)[index]!);
  };
  const at = (name: string, row: number): number[] => [...values(name).subarray(row * hidden, (row + 1) * hidden)];
  let rows = ids.map((id, place) => norm(plus(plus(at('embeddings.word_embeddings.weight', id), at('embeddings.position_embeddings.weight', place)), at('embeddings.token_type_embeddings.weight', 0)), 'embeddings.LayerNorm'));
  for (let layer = 0; layer < layers; layer += 1) {
    const name = `encoder.layer.${layer}`;
    const [queries, keys, contents] = ['query', 'key', 'value'].map((part) => rows.map((x) => linear(x, `${name}.attention.self.${part}`))) as [number[][], number[][], number[][]];
    const mixed = rows.map((_, place) =>
      Array.from({ length: heads }, (_head, head) => {
        const own = (x: number[]): number[] => x.slice(head * size, (head + 1) * size);
        const weights = keys.map((key) => Math.exp(sum(own(key).map((value, index) => value * own(queries[place]!)[index]!)) / Math.sqrt(size)));
        return Array.from({ length: size }, (_one, index) => sum(weights.map((weight, other) => weight * own(contents[other]!)[index]!)) / sum(weights));
      }).flat(),
    );
    rows = rows.map((x, place) => norm(plus(x, linear(mixed[place]!, `${name}.attention.output.dense`)), `${name}.attention.output.LayerNorm`));
    rows = rows.map((x) => norm(plus(x, linear(linear(x, `${name}.intermediate.dense`).map(gelu), `${name}.output.dense`)), `${name}.output.LayerNorm`));
  }
  const total = rows.reduce(plus);
  const length = Math.sqrt(sum(total.map((value) => value ** 2)));
  return total.map((value) => value / length);
}

function gelu(x: number): number {
  return (x / 2) * (1 + erf(x / Math.SQRT2));
}

/** Its series, which converges everywhere, and is exact enough where the terms stay small. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n += 1) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}
