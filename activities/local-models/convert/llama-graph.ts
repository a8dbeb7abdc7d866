import type { LlamaShape } from './llama-shape.ts';
import type { LlamaWeights } from './llama-weights.ts';
import { MICROSOFT, ONNX_TYPES, OnnxGraph } from './onnx-graph.ts';

/**
 * Inputs of attention that hang on how a graph is used; all are names of values.
 * `past` and `fresh`: names of keys and values of a layer; no past where whole texts are read at once.
 */
interface Attention {
  positions: string;
  /** Tokens of each row, its past included, less one; int32. */
  lastPositions: string;
  /** Tokens of the longest row, its past included; int32. */
  total: string;
  past: ((layer: number, what: 'key' | 'value') => string) | null;
}

/**
 * Reads texts and says how surprising each token was: `input_ids` `[batch, length]` to `nll` `[batch, length - 1]`, the
 * negative natural logarithm of the probability of each token but the first.
 */
export function scoringGraph(shape: LlamaShape, weights: LlamaWeights): Uint8Array {
  const graph = new OnnxGraph();
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const size = graph.node({ operator: 'Shape', inputs: [ids] });
  const length = graph.node({ operator: 'Gather', inputs: [size, graph.integers(1)], attributes: { axis: 0 } });
  const batch = graph.node({ operator: 'Gather', inputs: [size, graph.integers([0])], attributes: { axis: 0 } });
  const toInt32 = (value: string): string => graph.node({ operator: 'Cast', inputs: [value], attributes: { to: ONNX_TYPES.int32 } });
  const range = graph.node({ operator: 'Range', inputs: [graph.integers(0), length, graph.integers(1)] });
  const last = graph.node({ operator: 'Sub', inputs: [length, graph.integers(1)] });
  const hidden = layers({ graph, shape, weights }, ids, {
    positions: graph.node({ operator: 'Expand', inputs: [range, size] }),
    lastPositions: toInt32(graph.node({ operator: 'Expand', inputs: [last, batch] })),
    total: toInt32(length),
    past: null,
  });
  const slice = (value: string, from: number, to: number): string =>
    graph.node({ operator: 'Slice', inputs: [value, graph.integers([from]), graph.integers([to]), graph.integers([1])] });
  const scores = weights.head(graph, slice(hidden, 0, -1));
  const next = graph.node({ operator: 'Unsqueeze', inputs: [slice(ids, 1, Number.MAX_SAFE_INTEGER), graph.integers([2])] });
  // Slower where it is the logarithm of a sum of powers: the runtime has fast code for softmax alone.
  const logarithms = graph.node({ operator: 'LogSoftmax', inputs: [scores], attributes: { axis: -1 } });
  const chosen = graph.node({ operator: 'GatherElements', inputs: [logarithms, next], attributes: { axis: 2 } });
  graph.node({ operator: 'Neg', inputs: [graph.node({ operator: 'Squeeze', inputs: [chosen, graph.integers([2])] })], outputs: ['nll'] });
  graph.output('nll', 'float32', ['batch', 'targets']);
  return graph.finish('scoring');
}

/**
 * Goes on with texts: the scores of what may come next, `logits` `[batch, 1, vocabulary]`, from new tokens and the keys
 * and values of all before. The keys and values of the new tokens come out alone, `[batch, length, keyValueHeads ×
 * headSize]`, for the caller to keep: to return the whole past each time costs more than the model.
 */
export function decodingGraph(shape: LlamaShape, weights: LlamaWeights): Uint8Array {
  const graph = new OnnxGraph();
  const { keyValueHeads, headSize, vocabulary } = shape;
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const hidden = layers({ graph, shape, weights }, ids, {
    positions: graph.input('position_ids', 'int64', ['batch', 'length']),
    lastPositions: graph.input('last_positions', 'int32', ['batch']),
    total: graph.input('total_length', 'int32', []),
    past: (layer, what) => graph.input(`past.${layer}.${what}`, 'float32', ['batch', keyValueHeads, 'capacity', headSize]),
  });
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const what of ['key', 'value']) graph.output(`fresh.${layer}.${what}`, 'float32', ['batch', 'length', keyValueHeads * headSize]);
  }
  const slice = [graph.integers([-1]), graph.integers([Number.MAX_SAFE_INTEGER]), graph.integers([1])];
  const scores = weights.head(graph, graph.node({ operator: 'Slice', inputs: [hidden, ...slice] }));
  graph.node({ operator: 'Identity', inputs: [scores], outputs: ['logits'] });
  graph.output('logits', 'float32', ['batch', 1, vocabulary]);
  return graph.finish('decoding');
}

interface Building {
  graph: OnnxGraph;
  shape: LlamaShape;
  weights: LlamaWeights;
}

/** Everything between the tokens and the head; the name of the last norm's output. */
function layers({ graph, shape, weights }: Building, ids: string, attention: Attention): string {
  const { heads, keyValueHeads, headSize, hidden, feedForward, normEpsilon } = shape;
  const { cosines, sines } = weights.rotations(graph);
  let stream = weights.embedding(graph, ids);
  const epsilon = { epsilon: { float: normEpsilon } };
  // The stream's name changes with each norm: the sum is the second thing that the fused norm makes.
  const addAndNorm = (addend: string, norm: string): string => {
    const outputs = [`${norm}.out`, '', '', `${norm}.stream`];
    graph.node({ operator: 'SkipSimplifiedLayerNormalization', inputs: [stream, addend, weights.norm(graph, norm)], outputs, attributes: epsilon, domain: MICROSOFT });
    stream = `${norm}.stream`;
    return `${norm}.out`;
  };
  const rotate = (x: string, count: number, output?: string): string =>
    graph.node({
      operator: 'RotaryEmbedding',
      inputs: [x, attention.positions, cosines, sines],
      ...(output === undefined ? {} : { outputs: [output] }),
      // GGUF files have the two numbers of a pair side by side.
      attributes: { interleaved: 1, num_heads: count },
      domain: MICROSOFT,
    });
  // Parts of one product, which is faster than several.
  const project = (x: string, from: number, parts: { name: string; to: number; output?: string }[]): string[] => {
    const product = weights.linear(graph, x, { from, parts });
    if (parts.length === 1) return [product];
    const outputs = parts.map(({ name, output }) => output ?? `${name}.out`);
    graph.node({ operator: 'Split', inputs: [product, graph.integers(parts.map(({ to }) => to))], outputs, attributes: { axis: -1 } });
    return outputs;
  };
  let x = graph.node({ operator: 'RMSNormalization', inputs: [stream, weights.norm(graph, 'blk.0.attn_norm.weight')], attributes: { axis: -1, ...epsilon } });
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = (part: string): string => `blk.${layer}.${part}`;
    const [plainQuery, plainKey, value] = project(x, hidden, [
      { name: name('attn_q'), to: heads * headSize },
      { name: name('attn_k'), to: keyValueHeads * headSize },
      { name: name('attn_v'), to: keyValueHeads * headSize, output: `fresh.${layer}.value` },
    ]) as [string, string, string];
    const query = rotate(plainQuery, heads);
    const key = rotate(plainKey, keyValueHeads, `fresh.${layer}.key`);
    const past = (['key', 'value'] as const).map((what) => attention.past?.(layer, what) ?? '');
    const mixed = graph.node({
      operator: 'GroupQueryAttention',
      inputs: [query, key, value, ...past, attention.lastPositions, attention.total],
      outputs: [name('mixed'), name('present.key'), name('present.value')],
      attributes: { num_heads: heads, kv_num_heads: keyValueHeads, scale: { float: 1 / Math.sqrt(headSize) } },
      domain: MICROSOFT,
    });
    const [attended] = project(mixed, heads * headSize, [{ name: name('attn_output'), to: hidden }]) as [string];
    x = addAndNorm(attended, name('ffn_norm.weight'));
    const [gate, up] = project(x, hidden, [{ name: name('ffn_gate'), to: feedForward }, { name: name('ffn_up'), to: feedForward }]) as [string, string];
    // With alpha 1 this is SiLU.
    const opened = graph.node({ operator: 'QuickGelu', inputs: [gate], attributes: { alpha: { float: 1 } }, domain: MICROSOFT });
    const gated = graph.node({ operator: 'Mul', inputs: [opened, up] });
    const [down] = project(gated, feedForward, [{ name: name('ffn_down'), to: hidden }]) as [string];
    x = addAndNorm(down, layer + 1 < shape.layers ? `blk.${layer + 1}.attn_norm.weight` : 'output_norm.weight');
  }
  return x;
}
