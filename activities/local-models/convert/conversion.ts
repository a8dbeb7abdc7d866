/** What is made into a model's folder: a GGUF file, or a folder as sentence-transformers writes it. */
export interface Conversion {
  kind: 'gguf' | 'sentence-encoder';
  source: string;
}
