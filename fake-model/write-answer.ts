import { createRandom } from './random.ts';
import type { FakeModelAnswer } from './script.ts';

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
  hash: number;
  answer: FakeModelAnswer;
}

/** The same request always gets the same text. */
export function writeAnswer({ prompt, hash, answer }: WriteAnswerOptions): string {
  const values = {
    prompt: prompt.slice(0, ECHO_LENGTH),
    words: fillerText(hash, answer.words ?? 50),
    hash: hash.toString(16),
  };
  if (answer.json !== undefined) {
    return JSON.stringify(answer.json, (_, value: unknown) =>
      typeof value === 'string' ? fill(value, values) : value,
    );
  }
  return answer.text === undefined ? `${values.prompt}: ${values.words}` : fill(answer.text, values);
}

function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{(prompt|words|hash)\}/g, (_, name: string) => values[name] ?? '');
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
