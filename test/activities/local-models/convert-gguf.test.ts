import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { convertGguf } from '../../../activities/local-models/convert/convert-gguf.ts';
import { dequantise } from '../../../activities/local-models/convert/dequantise.ts';
import { readGguf } from '../../../activities/local-models/convert/gguf-file.ts';
import { LocalModelError } from '../../../activities/local-models/local-model-error.ts';
import { tinyGguf, writeTinyGguf } from './tiny-model.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-convert-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const QUANTISED = JSON.parse(readFileSync(new URL('../../fixtures/local-models/quantised.json', import.meta.url), 'utf8')) as Record<
  string,
  { type: number; bytes: string; numbers: string }
>;

for (const [name, { type, bytes, numbers }] of Object.entries(QUANTISED)) {
  test(`numbers kept as ${name} are read as the gguf library reads them`, () => {
    const wanted = Buffer.from(numbers, 'base64');
    const tensor = { name, dims: [256, 2], type, elements: 512, position: 0 };
    const read = dequantise({ metadata: new Map(), tensors: new Map(), bytes: Buffer.from(bytes, 'base64') }, tensor);
    assert.equal(wanted.length, 4 * read.length);
    for (const [index, number] of read.entries()) {
      const expected = wanted.readFloatLE(4 * index);
      assert.ok(Math.abs(number - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `number ${index} is ${number}, not ${expected}`);
    }
  });
}

test('a model of another kind is refused with what is known', async () => {
  const cases: [Record<string, string | number>, RegExp][] = [
    [{ 'general.architecture': 'mamba' }, /architecture is mamba; known is llama/],
    [{ 'tokenizer.ggml.model': 'llama' }, /tokenizer is llama; known is gpt2/],
    [{ 'tokenizer.ggml.pre': 'qwen2' }, /known are gpt-2, default, smollm/],
    [{ 'llama.embedding_length': 128 }, /has the shape \[64, 400\], not \[128, 400\]/],
    [{ 'llama.block_count': 3 }, /no tensor blk\.2/],
  ];
  for (const [index, [metadata, message]] of cases.entries()) {
    const source = join(folder, `other-${index}.gguf`);
    await writeTinyGguf(source, { metadata });
    assert.throws(() => convertGguf({ source, folder: join(folder, `other-${index}`) }), (error) => error instanceof LocalModelError && message.test(error.message));
  }
});

test('a file that is cut off, or changed anywhere in its header, is converted or refused, and nothing else', async () => {
  const whole = tinyGguf();
  const source = join(folder, 'broken.gguf');
  const header = whole.indexOf(Buffer.from('output_norm.weight')) + 60;
  await fc.assert(
    fc.asyncProperty(fc.nat(header), fc.nat(255), fc.boolean(), async (place, byte, isCut) => {
      const broken = isCut ? whole.subarray(0, place) : Buffer.from(whole);
      if (!isCut) broken[place] = byte;
      await writeFile(source, broken);
      try {
        const gguf = readGguf(source);
        for (const tensor of gguf.tensors.values()) if (tensor.elements < 1e6) dequantise(gguf, tensor);
      } catch (error) {
        assert.ok(error instanceof LocalModelError, String(error));
      }
    }),
    { numRuns: 60 },
  );
});
