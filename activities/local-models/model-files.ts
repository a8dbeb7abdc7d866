/** Names in a model's folder. */
export const MODEL_FILES = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  /** Of sentence-transformers; says how many tokens of a text count. */
  sentenceConfig: 'sentence_bert_config.json',
  safetensors: 'model.safetensors',
  /** Gives `logits`, `nll` or `sentence_embedding` for whole texts. */
  scoring: 'model.onnx',
  /** Goes on with texts by kept keys and values; made by our own converter. */
  decoding: 'decoder.onnx',
  weights: 'weights.bin',
  /** Where the model came from; in folders of the cache. */
  origin: 'origin.json',
} as const;
