import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxGraph } from '../../activities/local-models/convert/onnx-graph.ts';
import { WeightsFile } from '../../activities/local-models/convert/weights-file.ts';

/** Words that the tiny models know; all others are the first. */
export const WORDS = ['<unk>', '<s>', 'the', 'ferry', 'leaves', 'at', 'noon', 'when', 'does', 'it', 'leave', 'every', 'morning', 'from', 'pier', 'old'];

/** Probability of a word after another: each is 1 + 3 where its number is that of the last plus one, over their sum. */
export function bigramProbability(last: number, next: number): number {
  return weightOf(last, next) / WORDS.reduce((sum, _, other) => sum + weightOf(last, other), 0);
}

function weightOf(last: number, next: number): number {
  return next === last + 1 ? 4 : 1;
}

export interface TinyFolder {
  folder: string;
  /** Jinja. Default: none. */
  chatTemplate?: string;
  /** Default: `<s>` begins texts. */
  config?: Record<string, unknown>;
}

/** A language model in Hugging Face's layout whose `logits` for what follows hang on the last word alone. */
export function writeBigramModel(tiny: TinyFolder): string {
  const count = WORDS.length;
  const table = Float32Array.from({ length: count * count }, (_, index) => Math.log(weightOf(Math.floor(index / count), index % count)));
  return writeModel(tiny, (graph, file) => {
    const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
    graph.input('attention_mask', 'int64', ['batch', 'length']);
    const weights = graph.weights(file.store('table', () => ({ dims: [count, count], data: table })));
    graph.node({ operator: 'Gather', inputs: [weights, ids], outputs: ['logits'], attributes: { axis: 0 } });
    graph.output('logits', 'float32', ['batch', 'length', count]);
  });
}

/** A classifier in Hugging Face's layout: each word adds its row of `rows` to the logits of the classes. */
export function writeClassifier(tiny: TinyFolder & { rows: Record<string, number[]>; classes: number }): string {
  const { rows, classes } = tiny;
  const table = Float32Array.from(WORDS.flatMap((word) => rows[word] ?? new Array<number>(classes).fill(0)));
  return writeModel(tiny, (graph, file) => {
    const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
    const mask = graph.input('attention_mask', 'int64', ['batch', 'length']);
    const weights = graph.weights(file.store('table', () => ({ dims: [WORDS.length, classes], data: table })));
    const added = graph.node({ operator: 'Gather', inputs: [weights, ids], attributes: { axis: 0 } });
    const seen = graph.node({ operator: 'Unsqueeze', inputs: [graph.node({ operator: 'Cast', inputs: [mask], attributes: { to: 1 } }), graph.integers([2])] });
    const counted = graph.node({ operator: 'Mul', inputs: [added, seen] });
    graph.node({ operator: 'ReduceSum', inputs: [counted, graph.integers([1])], outputs: ['logits'], attributes: { keepdims: 0 } });
    graph.output('logits', 'float32', ['batch', classes]);
  });
}

function writeModel({ folder, chatTemplate, config = { bos_token_id: 1, pad_token_id: 0, max_position_embeddings: 64 } }: TinyFolder, build: (graph: OnnxGraph, file: WeightsFile) => void): string {
  mkdirSync(folder, { recursive: true });
  const graph = new OnnxGraph();
  const file = new WeightsFile(join(folder, 'weights.bin'));
  build(graph, file);
  file.close();
  writeFileSync(join(folder, 'model.onnx'), graph.finish('tiny'));
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [0, 1].map((id) => ({ id, content: WORDS[id], single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])), unk_token: '<unk>' },
  };
  const files = { 'config.json': config, 'tokenizer.json': tokenizer, 'tokenizer_config.json': { unk_token: '<unk>', bos_token: '<s>', ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }) } };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  return folder;
}
