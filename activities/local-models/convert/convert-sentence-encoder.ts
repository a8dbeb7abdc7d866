import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from '../local-tokenizer.ts';
import { MODEL_FILES } from '../model-files.ts';
import { sentenceGraph } from './bert-graph.ts';
import { readBertShape } from './bert-shape.ts';
import { BertWeights } from './bert-weights.ts';
import type { WeightPrecision } from './matrix-weights.ts';
import { SafetensorsFile } from './safetensors-file.ts';
import { WeightsFile } from './weights-file.ts';

export interface ConvertSentenceEncoder {
  /** A folder as sentence-transformers writes it: model.safetensors, config.json and the tokenizer. */
  source: string;
  /** Made here; must not be there yet, or be empty. */
  folder: string;
  /** Default `eight-bit`. */
  precision?: WeightPrecision;
}

/** What is taken over as it is, where it is there. */
const COPIED = [MODEL_FILES.config, MODEL_FILES.tokenizer, MODEL_FILES.tokenizerConfig, MODEL_FILES.sentenceConfig];

/**
 * Makes a model folder with a graph that gives texts their vectors of a BERT model whose vectors are means over tokens. Takes a
 * second of CPU and blocks: for threads of their own.
 * @throws LocalModelError
 */
export function convertSentenceEncoder({ source, folder, precision = 'eight-bit' }: ConvertSentenceEncoder): void {
  const shape = readBertShape(readJsonFile(join(source, MODEL_FILES.config)));
  const tensors = new SafetensorsFile(join(source, MODEL_FILES.safetensors));
  mkdirSync(folder, { recursive: true });
  const file = new WeightsFile(join(folder, MODEL_FILES.weights));
  try {
    writeFileSync(join(folder, MODEL_FILES.scoring), sentenceGraph(shape, new BertWeights({ tensors, shape, file, precision })));
  } finally {
    file.close();
  }
  for (const name of COPIED) if (existsSync(join(source, name))) copyFileSync(join(source, name), join(folder, name));
}
