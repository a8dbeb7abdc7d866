import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

interface Shape {
  layers: number;
  hidden: number;
  feedForward: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  ropeBase: number;
  epsilon: number;
}

/** What independent implementations say of the tiny model; made by make-fixtures.py beside it. */
export const REFERENCE = JSON.parse(readFileSync(new URL('../../fixtures/local-models/model.json', import.meta.url), 'utf8')) as {
  shape: Shape;
  words: string[];
  merges: string[];
  /** `nll`: of all tokens, after the token that begins texts. */
  texts: { text: string; ids: number[]; nll: number }[];
  /** The likeliest token each time. */
  greedy: { prompt: string; ids: number[] }[];
};

/** Only what the user said last, so that prompts are what tests say. */
const TEMPLATE = "{{ messages[-1]['content'] }}";

export interface TinyGgufChanges {
  metadata?: Record<string, MetadataValue>;
}

type MetadataValue = number | { float: number } | string | string[] | number[];

/** Writes a random llama of 120,000 weights as GGUF. */
export async function writeTinyGguf(path: string, changes: TinyGgufChanges = {}): Promise<void> {
  await writeFile(path, tinyGguf(changes));
}

export function tinyGguf({ metadata = {} }: TinyGgufChanges = {}): Buffer {
  const { shape, words, merges } = REFERENCE;
  const values: Record<string, MetadataValue> = {
    'general.architecture': 'llama',
    'llama.block_count': shape.layers,
    'llama.context_length': 256,
    'llama.embedding_length': shape.hidden,
    'llama.feed_forward_length': shape.feedForward,
    'llama.attention.head_count': shape.heads,
    'llama.attention.head_count_kv': shape.keyValueHeads,
    'llama.rope.dimension_count': shape.headSize,
    'llama.rope.freq_base': { float: shape.ropeBase },
    'llama.attention.layer_norm_rms_epsilon': { float: shape.epsilon },
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': words,
    'tokenizer.ggml.token_type': words.map((_, id) => (id < 3 ? 3 : 1)),
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.chat_template': TEMPLATE,
    ...metadata,
  };
  const tensors = weightsOf(shape, words.length);
  let place = 0;
  const infos = tensors.map(({ name, dims, data }) => {
    const info = Buffer.concat([text(name), uint32(dims.length), ...dims.map(uint64), uint32(0), uint64(place)]);
    place += Math.ceil(data.byteLength / 32) * 32;
    return info;
  });
  const entries = Object.entries(values).map(([key, value]) => Buffer.concat([text(key), valueOf(value)]));
  const header = Buffer.concat([Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(entries.length), ...entries, ...infos]);
  const body = tensors.map(({ data }) => padded(Buffer.from(data.buffer)));
  return Buffer.concat([padded(header), ...body]);
}

interface Weights {
  name: string;
  /** Fastest first. */
  dims: number[];
  data: Float32Array;
}

/** In the order of make-fixtures.py, which draws the same numbers. */
function weightsOf(shape: Shape, vocabulary: number): Weights[] {
  const { hidden, feedForward } = shape;
  const keyValues = shape.keyValueHeads * shape.headSize;
  let state = 12345;
  const draw = (count: number, scale: number, middle = 0): Float32Array =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.fround((state / 2 ** 32 - 0.5) * 2 * scale) + middle;
    });
  const matrix = (name: string, rows: number, columns: number, scale: number): Weights => ({ name, dims: [columns, rows], data: draw(rows * columns, scale) });
  const norm = (name: string): Weights => ({ name, dims: [hidden], data: draw(hidden, 0.2, 1) });
  const weights = [matrix('token_embd.weight', vocabulary, hidden, 0.5)];
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = (part: string): string => `blk.${layer}.${part}.weight`;
    weights.push(
      norm(name('attn_norm')),
      matrix(name('attn_q'), hidden, hidden, 0.3),
      matrix(name('attn_k'), keyValues, hidden, 0.3),
      matrix(name('attn_v'), keyValues, hidden, 0.3),
      matrix(name('attn_output'), hidden, hidden, 0.2),
      norm(name('ffn_norm')),
      matrix(name('ffn_gate'), feedForward, hidden, 0.3),
      matrix(name('ffn_up'), feedForward, hidden, 0.3),
      matrix(name('ffn_down'), hidden, feedForward, 0.2),
    );
  }
  return [...weights, norm('output_norm.weight')];
}

function valueOf(value: MetadataValue): Buffer {
  if (typeof value === 'number') return Buffer.concat([uint32(4), uint32(value)]);
  if (typeof value === 'string') return Buffer.concat([uint32(8), text(value)]);
  if (Array.isArray(value)) {
    const items = value.map((item) => (typeof item === 'number' ? uint32(item) : text(item)));
    return Buffer.concat([uint32(9), uint32(typeof value[0] === 'number' ? 4 : 8), uint64(value.length), ...items]);
  }
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value.float);
  return Buffer.concat([uint32(6), bytes]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
}
