import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../pipeline/json.ts';
import { MODEL_FILES } from '../model-files.ts';
import { readGguf } from './gguf-file.ts';
import { tokenizerOf } from './gguf-tokenizer.ts';
import { decodingGraph, scoringGraph } from './llama-graph.ts';
import { readLlamaShape } from './llama-shape.ts';
import { LlamaWeights } from './llama-weights.ts';
import type { WeightPrecision } from './matrix-weights.ts';
import { WeightsFile } from './weights-file.ts';

export interface ConvertGguf {
  /** The GGUF file. */
  source: string;
  /** Made here; must not be there yet, or be empty. */
  folder: string;
  /** Default `eight-bit`. */
  precision?: WeightPrecision;
}

/**
 * Makes a model folder in Hugging Face's layout of a GGUF file: a graph that scores texts, a graph that goes on with
 * them, their common weights, and the tokenizer. Takes seconds of CPU and blocks: for threads of their own.
 * @throws LocalModelError
 */
export function convertGguf({ source, folder, precision = 'eight-bit' }: ConvertGguf): void {
  const gguf = readGguf(source);
  const shape = readLlamaShape(gguf);
  const { tokenizer, tokenizerConfig, begin, ends } = tokenizerOf(gguf);
  mkdirSync(folder, { recursive: true });
  const file = new WeightsFile(join(folder, MODEL_FILES.weights));
  try {
    const weights = new LlamaWeights({ gguf, shape, file, precision });
    writeFileSync(join(folder, MODEL_FILES.scoring), scoringGraph(shape, weights));
    writeFileSync(join(folder, MODEL_FILES.decoding), decodingGraph(shape, weights));
  } finally {
    file.close();
  }
  const config: JsonObject = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: shape.hidden,
    intermediate_size: shape.feedForward,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: shape.headSize,
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.context,
    rms_norm_eps: shape.normEpsilon,
    rope_theta: shape.ropeBase,
    tie_word_embeddings: !gguf.tensors.has('output.weight'),
    bos_token_id: begin,
    eos_token_id: ends,
  };
  const files: Record<string, JsonObject> = {
    [MODEL_FILES.tokenizer]: tokenizer,
    [MODEL_FILES.tokenizerConfig]: { ...tokenizerConfig, model_max_length: shape.context },
    [MODEL_FILES.config]: config,
  };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
}
