import type { BertShape } from './bert-shape.ts';
import type { BertWeights } from './bert-weights.ts';
import { ONNX_TYPES, OnnxGraph } from './onnx-graph.ts';

/**
 * Says what texts mean: `input_ids` and `attention_mask` `[batch, length]` to `sentence_embedding` `[batch, hidden]`, the mean of
 * the last layer over the tokens that the mask lets through, scaled to length 1, as sentence-transformers does it.
 */
export function sentenceGraph(shape: BertShape, weights: BertWeights): Uint8Array {
  const graph = new OnnxGraph();
  const { layers, hidden, heads, feedForward, normEpsilon } = shape;
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const mask = graph.input('attention_mask', 'int64', ['batch', 'length']);
  const cast = (value: string, to: number): string => graph.node({ operator: 'Cast', inputs: [value], attributes: { to } });
  const add = (left: string, right: string): string => graph.node({ operator: 'Add', inputs: [left, right] });
  const norm = (value: string, name: string): string =>
    graph.node({ operator: 'LayerNormalization', inputs: [value, ...weights.norm(graph, name)], attributes: { axis: -1, epsilon: { float: normEpsilon } } });
  const size = graph.node({ operator: 'Shape', inputs: [ids] });
  const sizeAt = (index: number): string => graph.node({ operator: 'Gather', inputs: [size, graph.integers([index])], attributes: { axis: 0 } });
  const length = graph.node({ operator: 'Squeeze', inputs: [sizeAt(1)] });
  const range = graph.node({ operator: 'Range', inputs: [graph.integers(0), length, graph.integers(1)] });
  const places = graph.node({ operator: 'Gather', inputs: [weights.places(graph), range], attributes: { axis: 0 } });
  // Every token sees all tokens of its text: [batch, 1, length, length].
  const seen = graph.node({ operator: 'Unsqueeze', inputs: [cast(mask, ONNX_TYPES.bool), graph.integers([1, 2])] });
  const square = graph.node({ operator: 'Concat', inputs: [sizeAt(0), graph.integers([1]), sizeAt(1), sizeAt(1)], attributes: { axis: 0 } });
  const attentionMask = graph.node({ operator: 'Expand', inputs: [seen, square] });
  let x = norm(add(weights.words(graph, ids), places), 'embeddings.LayerNorm');
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string): string => `encoder.layer.${layer}.${part}`;
    const names = ['query', 'key', 'value'].map((part) => name(`attention.self.${part}`));
    const projected = weights.linear(graph, x, { names, from: hidden, to: hidden });
    const parts = names.map((part) => `${part}.out`);
    graph.node({ operator: 'Split', inputs: [projected], outputs: parts, attributes: { axis: -1, num_outputs: parts.length } });
    const mixed = graph.node({ operator: 'Attention', inputs: [...parts, attentionMask], attributes: { q_num_heads: heads, kv_num_heads: heads } });
    const said = weights.linear(graph, mixed, { names: [name('attention.output.dense')], from: hidden, to: hidden });
    x = norm(add(x, said), name('attention.output.LayerNorm'));
    const wide = weights.linear(graph, x, { names: [name('intermediate.dense')], from: hidden, to: feedForward });
    const opened = graph.node({ operator: 'Gelu', inputs: [wide] });
    x = norm(add(x, weights.linear(graph, opened, { names: [name('output.dense')], from: feedForward, to: hidden })), name('output.LayerNorm'));
  }
  const share = graph.node({ operator: 'Unsqueeze', inputs: [cast(mask, ONNX_TYPES.float32), graph.integers([2])] });
  const sum = graph.node({ operator: 'ReduceSum', inputs: [graph.node({ operator: 'Mul', inputs: [x, share] }), graph.integers([1])], attributes: { keepdims: 0 } });
  // The mean and the sum point the same way.
  graph.node({ operator: 'LpNormalization', inputs: [sum], outputs: ['sentence_embedding'], attributes: { axis: -1, p: 2 } });
  graph.output('sentence_embedding', 'float32', ['batch', hidden]);
  return graph.finish('sentence');
}
