import type { EmbeddingAnswer } from '../model-client.ts';

interface Reading {
  /** Texts that were sent. */
  count: number;
  malformed: (what: string) => Error;
}

interface Embeddings {
  data?: { index?: number; embedding?: unknown }[];
  usage?: { prompt_tokens?: number; total_tokens?: number } | null;
}

/** An answer of OpenAI's embeddings, whose vectors may come in any order. */
export function readEmbeddings(reply: unknown, { count, malformed }: Reading): EmbeddingAnswer {
  const { data, usage } = (reply ?? {}) as Embeddings;
  if (!Array.isArray(data)) throw malformed('it has no list of embeddings');
  const vectors = new Array<Float32Array>(count);
  data.forEach(({ index, embedding }, position) => {
    if (isVector(embedding)) vectors[index ?? position] = Float32Array.from(embedding);
  });
  return { vectors: checkVectors(vectors, { count, malformed }), promptTokens: usage?.prompt_tokens ?? usage?.total_tokens ?? 0 };
}

export function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === 'number' && Number.isFinite(number));
}

/** One vector for each text, all of one length. */
export function checkVectors(vectors: Float32Array[], { count, malformed }: Reading): Float32Array[] {
  const length = vectors[0]?.length;
  for (let index = 0; index < count; index++) {
    if (vectors[index] === undefined) throw malformed(`it has no vector for text ${index + 1} of ${count}`);
    if (vectors[index]?.length !== length) throw malformed('its vectors differ in length');
  }
  if (vectors.length !== count) throw malformed(`it has ${vectors.length} vectors for ${count} texts`);
  return vectors;
}
