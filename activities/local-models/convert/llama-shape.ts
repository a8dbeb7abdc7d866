import { LocalModelError } from '../local-model-error.ts';
import type { GgufFile, GgufValue } from './gguf-file.ts';

/** What the llama architecture is made of. */
export interface LlamaShape {
  layers: number;
  hidden: number;
  feedForward: number;
  heads: number;
  /** Heads of keys and values; several heads share one. */
  keyValueHeads: number;
  headSize: number;
  vocabulary: number;
  /** Tokens of prompt and answer together. */
  context: number;
  ropeBase: number;
  normEpsilon: number;
}

/** The tables of rotations grow with it; longer contexts are cut to this. */
const LONGEST_CONTEXT = 32_768;

/** @throws LocalModelError where the model is of another architecture, or says too little of itself */
export function readLlamaShape({ metadata, tensors }: GgufFile): LlamaShape {
  const architecture = metadata.get('general.architecture');
  if (architecture !== 'llama') throw new LocalModelError(`its architecture is ${String(architecture)}; known is llama`);
  const find = (name: string): GgufValue | undefined => metadata.get(`llama.${name}`);
  const number = (name: string, given = find(name)): number => {
    if (typeof given !== 'number' || !(given > 0)) throw new LocalModelError(`the GGUF file says no llama.${name}`);
    return given;
  };
  if ((find('expert_count') ?? 0) !== 0) throw new LocalModelError('it is a mixture of experts, which is not supported');
  if (find('rope.scaling.type') !== undefined && find('rope.scaling.type') !== 'none') throw new LocalModelError('it scales its rotations, which is not supported');
  if (tensors.has('rope_freqs.weight')) throw new LocalModelError('it has frequencies of its own for its rotations, which is not supported');
  const hidden = number('embedding_length');
  const heads = number('attention.head_count');
  const headSize = number('rope.dimension_count', find('rope.dimension_count') ?? hidden / heads);
  const words = metadata.get('tokenizer.ggml.tokens');
  return {
    layers: number('block_count'),
    hidden,
    feedForward: number('feed_forward_length'),
    heads,
    keyValueHeads: number('attention.head_count_kv', find('attention.head_count_kv') ?? heads),
    headSize,
    vocabulary: Array.isArray(words) ? words.length : number('vocab_size'),
    context: Math.min(number('context_length'), LONGEST_CONTEXT),
    ropeBase: number('rope.freq_base', find('rope.freq_base') ?? 10_000),
    normEpsilon: number('attention.layer_norm_rms_epsilon'),
  };
}
