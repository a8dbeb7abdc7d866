import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cacheFolder } from '../../../activities/cache/cache-folder.ts';
import { convertSentenceEncoder } from '../../../activities/local-models/convert/convert-sentence-encoder.ts';
import { embedTexts } from '../../../activities/local-models/embed-texts.ts';
import { LocalModelError } from '../../../activities/local-models/local-model-error.ts';
import { idsOf, TINY_MAXIMUM, tinyVector, writeTinyEncoder } from './tiny-encoder.ts';

const { signal } = new AbortController();
const embed = (texts: string[], model: string): Promise<Float32Array[]> => embedTexts(texts, { model, environment: {}, signal });
const cosine = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  let [product, one, other] = [0, 0, 0];
  for (let index = 0; index < left.length; index += 1) {
    product += left[index]! * right[index]!;
    one += left[index]! ** 2;
    other += right[index]! ** 2;
  }
  return product / Math.sqrt(one * other);
};

describe('a converted sentence encoder', () => {
  const texts = ['the ferry leaves at nine', 'a pier', 'every morning the market takes an hour', 'from behind'];
  let folder = '';
  let expected: number[][] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-encoder-'));
    const tensors = writeTinyEncoder(join(folder, 'source'));
    expected = texts.map((text) => tinyVector(tensors, idsOf(text)));
    convertSentenceEncoder({ source: join(folder, 'source'), folder: join(folder, 'exact'), precision: 'float32' });
    convertSentenceEncoder({ source: join(folder, 'source'), folder: join(folder, 'rounded') });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('gives the vectors that the definition gives, and with eight bits ones that point nearly alike', async () => {
    for (const [index, vector] of (await embed(texts, join(folder, 'exact'))).entries()) {
      assert.ok(vector.every((value, place) => Math.abs(value - expected[index]![place]!) < 1e-4), texts[index]);
    }
    for (const [index, vector] of (await embed(texts, join(folder, 'rounded'))).entries()) assert.ok(cosine(vector, expected[index]!) >= 0.99, texts[index]);
  });

  it('gives a text the same vector whatever stands beside it, and looks at its beginning alone', async () => {
    const [alone] = await embed([texts[1]!], join(folder, 'rounded'));
    const beside = (await embed(texts, join(folder, 'rounded')))[1]!;
    assert.ok(alone!.every((value, index) => Math.abs(value - beside[index]!) < 1e-5));
    const long = 'the ferry '.repeat(TINY_MAXIMUM).trim();
    const [cut, longer] = await embed([long, `${long} from a pier !`], join(folder, 'rounded'));
    assert.ok(cosine(cut!, longer!) > 1 - 1e-6);
  });

  it('is refused where its weights are cut off, of another kind, or missing', async () => {
    const convert = (change: (source: string) => void): (() => void) => {
      const source = join(folder, `broken-${Math.random()}`);
      writeTinyEncoder(source);
      change(source);
      return () => convertSentenceEncoder({ source, folder: `${source}-out` });
    };
    const whole = readFileSync(join(folder, 'source', 'model.safetensors'));
    const withWeights = (bytes: Buffer) => (source: string): void => writeFileSync(join(source, 'model.safetensors'), bytes);
    const refused = (pattern: RegExp) => (error: Error): boolean => error instanceof LocalModelError && pattern.test(error.message);
    assert.throws(convert(withWeights(whole.subarray(0, whole.length - 1000))), refused(/cut off/));
    assert.throws(convert(withWeights(whole.subarray(0, 100))), refused(/not a safetensors file/));
    assert.throws(convert(withWeights(Buffer.from(whole.toString('latin1').replace('"F32"', '"F16"'), 'latin1'))), refused(/of type "F16"/));
    assert.throws(convert(withWeights(Buffer.from(whole.toString('latin1').replace('encoder.layer.1.output.dense.bias', 'encoder.layer.1.output.dense.else'), 'latin1'))), refused(/has no tensor/));
    assert.throws(convert((source) => writeFileSync(join(source, 'config.json'), '{"model_type": "t5"}')), refused(/architecture is "t5"; known is bert/));
    await truncate(join(folder, 'rounded', 'model.onnx'), 100);
    await assert.rejects(embed(['the'], join(folder, 'rounded')), LocalModelError);
  });
});

describe('all-MiniLM-L6-v2', () => {
  const cached = join(cacheFolder(process.env), 'models', 'all-minilm-l6-v2-c2');
  const skip = existsSync(join(cached, 'origin.json')) ? false : 'it is not in the cache, and 80 MB are not fetched for a test';

  it('points where numpy in float64 says for more than 200 texts, where it has been fetched before', { skip }, async () => {
    const read = <Content>(name: string): Content => JSON.parse(readFileSync(new URL(`../../quality/fixtures/${name}.json`, import.meta.url), 'utf8')) as Content;
    const texts = read<string[]>('texts');
    const steps = Buffer.from(read<{ vectors: string }>('embedding-references').vectors, 'base64');
    const size = steps.length / texts.length;
    const cosines = (await embed(texts, cached)).map((vector, index) => cosine(vector, Array.from({ length: size }, (_, place) => steps.readInt8(index * size + place))));
    assert.ok(texts.length >= 200 && size === 384);
    assert.ok(Math.min(...cosines) >= 0.99, `the least is ${Math.min(...cosines)}`);
  });
});
