import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../pipeline/json.ts';
import { LocalModelError } from '../local-model-error.ts';
import { readJsonFile } from '../local-tokenizer.ts';
import { MODEL_FILES } from '../model-files.ts';
import type { CacheShape } from './key-value-cache.ts';

export interface ModelConfig {
  /** Tokens of prompt and answer together. */
  context: number;
  /** The token that begins a text. */
  begin: number | null;
  ends: Set<number>;
  shape: CacheShape;
}

/** What config.json of a model's folder says. @throws LocalModelError */
export function readModelConfig(folder: string): ModelConfig {
  const config = readJsonFile(join(folder, MODEL_FILES.config));
  const ends = Array.isArray(config.eos_token_id) ? config.eos_token_id : [config.eos_token_id];
  return {
    // GPT-2's name, and that of most others.
    context: numberIn(config, 'max_position_embeddings') ?? numberIn(config, 'n_positions') ?? 1024,
    begin: numberIn(config, 'bos_token_id'),
    ends: new Set(ends.filter((id) => typeof id === 'number')),
    shape: {
      layers: numberIn(config, 'num_hidden_layers') ?? 0,
      heads: numberIn(config, 'num_key_value_heads') ?? 0,
      headSize: numberIn(config, 'head_dim') ?? 0,
    },
  };
}

/** The path of one of the folder's graphs. @throws LocalModelError where it is not there */
export function graphPath(folder: string, graph: 'scoring' | 'decoding'): string {
  const path = join(folder, MODEL_FILES[graph]);
  if (existsSync(path)) return path;
  const use = graph === 'decoding' ? 'writes texts: only folders that Syngraph has made of a GGUF file have it' : 'scores texts';
  throw new LocalModelError(`${folder} has no ${MODEL_FILES[graph]}, the graph that ${use}`);
}

function numberIn(config: JsonObject, key: string): number | null {
  const value = config[key];
  return typeof value === 'number' ? value : null;
}
