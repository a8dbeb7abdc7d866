import { createRandom } from './random.ts';
import type { FakeModelAnswer, FakeModelToolCall } from './script.ts';
import { valueOfSchema, type ValueSource } from './value-of-schema.ts';

const WORDS = (
  'a river runs behind the old mill and the town wakes early to the sound of water while ' +
  'children carry bread home through narrow streets where lamps still burn and cats watch from warm stones ' +
  'nobody asks who built the bridge but everyone knows its story by heart'
).split(' ');

/** Filler sentences, made once: drawing words for every call would cost more than the call. */
const SENTENCES = Array.from({ length: 64 }, (_, seed) => {
  const random = createRandom(seed + 1);
  const words = Array.from({ length: 10 }, () => WORDS[Math.floor(random() * WORDS.length)] ?? 'a');
  return { text: words.join(' ').replace(/^./, (letter) => letter.toUpperCase()) + '.', words: words.length };
});

/** Characters of the prompt that an answer repeats, so that tests can tell whose answer it is. */
const ECHO_LENGTH = 60;

export interface WriteAnswerOptions {
  prompt: string;
  /** Of the request and the sample. */
  hash: number;
  answer: FakeModelAnswer;
  /** Turns of tool calls so far. Default 0. */
  step?: number;
  /** The answer is to fit this schema (null: any object) unless the script has words of its own. */
  format?: { schema: unknown } | null;
}

/** The same request always gets the same text. */
export function writeAnswer(options: WriteAnswerOptions): string {
  const { answer, format = null } = options;
  if (answer.json !== undefined) return JSON.stringify(fillAll(answer.json, options));
  if (answer.text !== undefined) return fill(answer.text, options);
  if (format === null) return `${echo(options.prompt)}: ${fillerText(options.hash, answer.words ?? 50)}`;
  return JSON.stringify(format.schema === null ? { answer: valueSource(options.hash).text('answer') } : valueOfSchema(format.schema, valueSource(options.hash)));
}

export function writeReasoning(options: WriteAnswerOptions): string | null {
  return options.answer.reasoning === undefined ? null : fill(options.answer.reasoning, options);
}

export interface WriteToolCallsOptions extends WriteAnswerOptions {
  tools: { name: string; parameters: unknown }[];
  /** `required`, or the name of a tool. */
  forcedTool: string | null;
}

/** The tool calls of this turn; empty: it is the answer's turn. */
export function writeToolCalls(options: WriteToolCallsOptions): FakeModelToolCall[] {
  const { answer, step = 0, tools, forcedTool, hash } = options;
  if (tools.length === 0) return [];
  if (answer.toolCalls !== undefined) {
    const calls = [answer.toolCalls[step] ?? []].flat();
    return calls.map((call) => ({ name: call.name, arguments: fillAll(call.arguments ?? {}, options) as Record<string, unknown> }));
  }
  if (forcedTool === null || step > 0) return [];
  const tool = tools.find(({ name }) => name === forcedTool) ?? tools[0];
  if (tool === undefined) return [];
  return [{ name: tool.name, arguments: valueOfSchema(tool.parameters ?? { type: 'object' }, valueSource(hash)) as Record<string, unknown> }];
}

function valueSource(hash: number): ValueSource {
  const random = createRandom(hash);
  return {
    draw: (count) => Math.floor(random() * count),
    text: () => SENTENCES[Math.floor(random() * SENTENCES.length)]?.text ?? '',
  };
}

function fillAll(value: unknown, options: WriteAnswerOptions): unknown {
  if (typeof value === 'string') return fill(value, options);
  if (Array.isArray(value)) return value.map((item) => fillAll(item, options));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillAll(inner, options)]));
}

function fill(template: string, options: WriteAnswerOptions): string {
  return template.replace(/\{(prompt|words|hash|step)\}/g, (_, name: string) => {
    if (name === 'prompt') return echo(options.prompt);
    if (name === 'step') return String(options.step ?? 0);
    return name === 'hash' ? options.hash.toString(16) : fillerText(options.hash, options.answer.words ?? 50);
  });
}

function echo(prompt: string): string {
  return prompt.slice(0, ECHO_LENGTH);
}

function fillerText(hash: number, wanted: number): string {
  let text = '';
  let words = 0;
  for (let index = hash % 64; words < wanted; index = (index * 5 + 11) % 64) {
    const sentence = SENTENCES[index];
    if (sentence === undefined) break;
    text += text === '' ? sentence.text : ' ' + sentence.text;
    words += sentence.words;
  }
  return text;
}
