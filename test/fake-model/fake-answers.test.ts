import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { Validator } from '@cfworker/json-schema';
import { breakageOf } from '../../fake-model/break-answer.ts';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import { checkScript } from '../../fake-model/check-script.ts';
import { BROKEN_CLASSES, type FakeModelScript } from '../../fake-model/script.ts';
import { valueOfSchema } from '../../fake-model/value-of-schema.ts';

const server = await startFakeModel();
const DEFAULTS: FakeModelScript = { answer: {}, broken: null, behaviour: 'answer' };
beforeEach(() => {
  server.control(DEFAULTS);
  server.reset();
});
after(() => server.close());

interface ToolCall {
  id: string;
  type: string;
  function: { name: string; arguments: string };
}
interface Message {
  role: string;
  content: string | null;
  reasoning_content?: string;
  tool_calls?: ToolCall[];
  audio?: { data: string; transcript: string };
}
interface Reply {
  choices: { index: number; finish_reason: string; message: Message }[];
  data: { embedding: number[] | string; b64_json: string }[];
}

async function post(path: string, body: unknown): Promise<Response> {
  const isForm = body instanceof FormData;
  return fetch(`${server.url}/${path}`, { method: 'POST', body: isForm ? body : JSON.stringify(body) });
}
async function chat(body: Record<string, unknown>): Promise<Reply['choices']> {
  const response = await post('chat/completions', { model: 'm', messages: [{ role: 'user', content: 'go' }], ...body });
  return ((await response.json()) as Reply).choices;
}
const textOf = (choices: Reply['choices']): string => choices[0]?.message.content ?? '';
const user = (content: string) => ({ role: 'user', content });
const TOOL = { type: 'function', function: { name: 'add', parameters: { type: 'object', properties: { a: { type: 'integer' } } } } };

test('calls the tools of its script turn by turn, and answers after the last', async () => {
  const add = { name: 'add', arguments: { a: 1, text: '{prompt} {step}' } };
  server.control({ answer: { text: 'done', toolCalls: [[add, { name: 'look' }], add] } });
  const messages: unknown[] = [user('go')];
  const seen: string[][] = [];
  for (let turn = 0; turn < 3; turn++) {
    const [choice] = await chat({ messages, tools: [TOOL] });
    messages.push(choice?.message);
    for (const call of choice?.message.tool_calls ?? []) messages.push({ role: 'tool', tool_call_id: call.id, content: '3' });
    seen.push([choice?.finish_reason ?? '', ...(choice?.message.tool_calls ?? []).map((call) => `${call.function.name} ${call.function.arguments}`)]);
  }
  assert.deepEqual(seen, [['tool_calls', 'add {"a":1,"text":"go 0"}', 'look {}'], ['tool_calls', 'add {"a":1,"text":"go 1"}'], ['stop']]);
  assert.equal(server.stats().toolTurns, 2);
});

test('calls no tool where the request offers none, forbids them, or no script says so', async () => {
  assert.equal((await chat({ tools: [TOOL] }))[0]?.message.tool_calls, undefined);
  server.control({ answer: { toolCalls: [{ name: 'add' }] } });
  assert.equal((await chat({}))[0]?.message.tool_calls, undefined);
  assert.equal((await chat({ tools: [TOOL], tool_choice: 'none' }))[0]?.message.tool_calls, undefined);
});

test('calls a tool that it must call with arguments that fit', async () => {
  const [choice] = await chat({ tools: [TOOL], tool_choice: 'required' });
  const call = choice?.message.tool_calls?.[0];
  assert.equal(call?.function.name, 'add');
  assert.ok(Number.isInteger((JSON.parse(call.function.arguments) as { a: number }).a));
});

const SCHEMA = { type: 'object', properties: { title: { type: 'string' }, score: { type: 'integer', minimum: 1, maximum: 5 } }, required: ['title', 'score'] };
const FORMATS: [string, Record<string, unknown>][] = [
  ['response_format', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA } } }],
  ["TGI's response_format", { response_format: { type: 'json', value: SCHEMA } }],
  ['guided_json', { guided_json: SCHEMA }],
  ['structured_outputs', { structured_outputs: { json: SCHEMA } }],
];
for (const [what, body] of FORMATS) {
  test(`answers by the schema of ${what}`, async () => {
    const answer = JSON.parse(textOf(await chat(body))) as unknown;
    assert.equal(new Validator(SCHEMA as object).validate(answer).valid, true, JSON.stringify(answer));
  });
}

test('answers with any object where any will do, and with the script instead of a schema', async () => {
  assert.equal(typeof JSON.parse(textOf(await chat({ response_format: { type: 'json_object' } }))), 'object');
  server.control({ answer: { json: { own: 1 } } });
  assert.equal(textOf(await chat({ guided_json: SCHEMA })), '{"own":1}');
});

test('gives as many samples as are asked for, all different, the first as it would be alone', async () => {
  const alone = await chat({});
  const samples = await chat({ n: 3 });
  assert.deepEqual(samples.map(({ index }) => index), [0, 1, 2]);
  assert.equal(new Set(samples.map(({ message }) => message.content)).size, 3);
  assert.match(alone[0]?.message.content ?? '', /^go: /);
});

test('sends reasoning beside the answer', async () => {
  server.control({ answer: { text: 'yes', reasoning: 'because {prompt}' } });
  const [choice] = await chat({});
  assert.deepEqual([choice?.message.content, choice?.message.reasoning_content], ['yes', 'because go']);
});

const BROKEN: Record<(typeof BROKEN_CLASSES)[number], RegExp> = {
  fence: /^```json\n\{[\s\S]*\}\n```$/,
  prose: /^Sure.*\n\n\{"title":"It's","score":3,"ok":true\}\n\nLet/,
  trailing_comma: /true,\}$/,
  single_quotes: /^\{'title': 'It\\'s', 'score': 3, 'ok': True\}$/,
  wrong_type: /^\{"title":\{"unexpected":\["It's"\]\},"score":3,"ok":true\}$/,
  missing_key: /^\{"score":3,"ok":true\}$/,
};
for (const broken of BROKEN_CLASSES) {
  test(`breaks JSON answers by ${broken}, and mends the answer when it is asked again`, async () => {
    server.control({ answer: { json: { title: "It's", score: 3, ok: true } }, broken: { share: 1, classes: [broken] } });
    const first = textOf(await chat({}));
    assert.match(first, BROKEN[broken]);
    const again = await chat({ messages: [user('go'), { role: 'assistant', content: first }, user('mend it')] });
    assert.deepEqual(JSON.parse(textOf(again)), { title: "It's", score: 3, ok: true });
    assert.deepEqual(server.stats().broken, { [broken]: 1 });
  });
}

test('breaks a conversation as often as it is told to', async () => {
  server.control({ answer: { json: { a: 1 } }, broken: { share: 1, classes: ['missing_key'], times: 2 } });
  const messages = [user('go'), { role: 'assistant', content: '{}' }, user('mend it')];
  assert.equal(textOf(await chat({ messages })), '{}');
  assert.equal(textOf(await chat({ messages: [...messages, ...messages.slice(1)] })), '{"a":1}');
});

test('leaves plain text as it is', async () => {
  server.control({ broken: { share: 1 } });
  assert.match(textOf(await chat({})), /^go: /);
  assert.deepEqual(server.stats().broken, {});
});

test('breaks about the share of prompts that it is told to, all classes about equally, the same ones each time', () => {
  const draw = (): (string | null)[] =>
    Array.from({ length: 3000 }, (_, index) => breakageOf({ prompt: `record ${index}`, answers: 0, broken: { share: 0.3 } }));
  const classes = draw();
  assert.deepEqual(draw(), classes);
  const counts = BROKEN_CLASSES.map((broken) => classes.filter((each) => each === broken).length);
  assert.ok(counts.every((count) => count > 100 && count < 200), counts.join());
});

function cosine(first: number[], second: number[]): number {
  return first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0);
}
async function embed(input: unknown, more: Record<string, unknown> = {}): Promise<number[][]> {
  const response = await post('embeddings', { model: 'e', input, ...more });
  return ((await response.json()) as Reply).data.map(({ embedding }) =>
    typeof embedding === 'string' ? [...new Float32Array(new Uint8Array(Buffer.from(embedding, 'base64')).buffer)] : embedding,
  );
}

test('embeds texts so that similar ones are near, each with length 1', async () => {
  const [cat, kitten, tax] = (await embed(['the black cat sat on the mat', 'The black cat sat on a mat!', 'income tax is due in April'])) as [number[], number[], number[]];
  assert.ok(Math.abs(cosine(cat, cat) - 1) < 1e-4);
  assert.ok(cosine(cat, kitten) > 0.7, `${cosine(cat, kitten)}`);
  assert.ok(cosine(cat, tax) < 0.4, `${cosine(cat, tax)}`);
  assert.equal((await embed('one text', { dimensions: 16 }))[0]?.length, 16);
  const [plain, packed] = [await embed('x y'), await embed('x y', { encoding_format: 'base64' })];
  assert.ok(cosine(plain[0] ?? [], packed[0] ?? []) > 0.999);
  assert.equal((await post('embeddings', { input: [] })).status, 400);
});

test('draws images, edits them, speaks and transcribes', async () => {
  const images = ((await (await post('images/generations', { prompt: 'a cat', n: 2 })).json()) as Reply).data;
  assert.equal(images.length, 2);
  const png = Buffer.from(images[0]?.b64_json ?? '', 'base64');
  assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
  const form = (): FormData => {
    const data = new FormData();
    data.set('prompt', 'make it blue');
    data.set('image', new Blob([png], { type: 'image/png' }), 'cat.png');
    return data;
  };
  const edits = await Promise.all([0, 1].map(async () => ((await (await post('images/edits', form())).json()) as Reply).data[0]?.b64_json));
  assert.equal(edits[0], edits[1]);
  const speech = await post('audio/speech', { input: 'hello', voice: 'x' });
  const wav = Buffer.from(await speech.arrayBuffer());
  assert.deepEqual([speech.headers.get('content-type'), wav.toString('latin1', 0, 4), wav.readUInt32LE(4)], ['audio/wav', 'RIFF', wav.length - 8]);
  const audio = new FormData();
  audio.set('model', 'whisper');
  audio.set('file', new Blob([wav]), 'speech.wav');
  assert.match(((await (await post('audio/transcriptions', audio)).json()) as { text: string }).text, /\w+ \w+/);
  const [spoken] = await chat({ modalities: ['text', 'audio'], audio: { voice: 'x', format: 'wav' } });
  assert.match(spoken?.message.audio?.transcript ?? '', /^go: /);
});

test('fails media and embeddings as it fails chats', async () => {
  server.control({ behaviour: 503 });
  const paths = ['embeddings', 'images/generations', 'audio/speech'];
  const statuses = await Promise.all(paths.map(async (path) => (await post(path, { input: 'x', prompt: 'x' })).status));
  assert.deepEqual(statuses, [503, 503, 503]);
});

test('names what is wrong with broken answers and tool calls in a script', () => {
  assert.throws(() => checkScript({ broken: { share: 2 } }), /broken.share/);
  assert.throws(() => checkScript({ broken: { share: 1, classes: ['fences'] } }), /Unknown class "fences".*trailing_comma/);
  assert.throws(() => checkScript({ answer: { toolCalls: [{ tool: 'x' }] } }), /toolCalls/);
});

test('makes values that fit any schema of types, bounds, choices and references', () => {
  const leaf = fc.oneof(
    fc.record({ type: fc.constant('string'), minLength: fc.nat(5), maxLength: fc.integer({ min: 5, max: 30 }) }),
    fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -9, max: 3 }), maximum: fc.integer({ min: 3, max: 9 }) }),
    fc.record({ type: fc.constant('number'), exclusiveMinimum: fc.integer({ min: -9, max: 3 }), maximum: fc.integer({ min: 4, max: 9 }) }),
    fc.record({ type: fc.constantFrom('number', 'boolean', 'null', ['string', 'null']) }),
    fc.record({ enum: fc.array(fc.constantFrom('a', 1, null, true), { minLength: 1 }) }),
    fc.constant({ $ref: '#/$defs/one' }),
  );
  const schema = fc.letrec<{ node: object }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.record({ type: fc.constant('array'), items: tie('node'), minItems: fc.nat(3) }),
      fc.record({ anyOf: fc.array(tie('node'), { minLength: 1, maxLength: 2 }) }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node')).map((properties) => ({ type: 'object', properties, required: Object.keys(properties) })),
    ),
  })).node;
  fc.assert(
    fc.property(schema, fc.nat(), (node, seed) => {
      const whole = { ...node, $defs: { one: { type: 'integer', minimum: 2 } } };
      const value = valueOfSchema(whole, { draw: (count) => seed % count, text: () => 'some words' });
      assert.equal(new Validator(whole as object).validate(value).valid, true, JSON.stringify([whole, value]));
    }),
    { numRuns: 300 },
  );
});
