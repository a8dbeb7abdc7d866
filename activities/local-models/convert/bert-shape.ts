import type { JsonObject } from '../../../pipeline/json.ts';
import { LocalModelError } from '../local-model-error.ts';

/** What the BERT architecture is made of. */
export interface BertShape {
  layers: number;
  hidden: number;
  feedForward: number;
  heads: number;
  vocabulary: number;
  /** Positions that the model knows. */
  positions: number;
  normEpsilon: number;
}

const LARGEST = 1_000_000;

/** From config.json. @throws LocalModelError where the model is of another architecture, or says too little of itself */
export function readBertShape(config: JsonObject): BertShape {
  if (config.model_type !== 'bert') throw new LocalModelError(`its architecture is ${JSON.stringify(config.model_type)}; known is bert`);
  if (config.hidden_act !== 'gelu') throw new LocalModelError(`its activation is ${JSON.stringify(config.hidden_act)}; known is gelu`);
  if ((config.position_embedding_type ?? 'absolute') !== 'absolute') throw new LocalModelError(`its positions are ${JSON.stringify(config.position_embedding_type)}; known is absolute`);
  const number = (name: string): number => {
    const value = config[name];
    if (typeof value !== 'number' || !(value > 0) || value > LARGEST) throw new LocalModelError(`its config.json has no usable ${name}`);
    return value;
  };
  return {
    layers: number('num_hidden_layers'),
    hidden: number('hidden_size'),
    feedForward: number('intermediate_size'),
    heads: number('num_attention_heads'),
    vocabulary: number('vocab_size'),
    positions: number('max_position_embeddings'),
    normEpsilon: number('layer_norm_eps'),
  };
}
