import { markUp, type MarkUp } from './mark-up.ts';
import { numberWords, type NumberedWords } from './number-words.ts';
import { wordsOf } from './words.ts';

export interface ViewedMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  text: string;
  /** It says something besides its text: a call of a tool, an image. */
  hasMore: boolean;
  /** As the endpoint gave it, e.g. `length`; null: unknown. */
  finishReason: string | null;
}

/** What the rules look at. Parts that several rules share are made once, when first asked for. */
export class ConversationView {
  readonly messages: readonly ViewedMessage[];
  #text: string | null = null;
  #turnWords: string[][] | null = null;
  #numberedWords: NumberedWords | null = null;
  #markUp: MarkUp | null = null;

  constructor(messages: readonly ViewedMessage[]) {
    this.messages = messages;
  }

  /** Messages of users and assistants. */
  get turns(): ViewedMessage[] {
    return this.messages.filter(({ role }) => role === 'user' || role === 'assistant');
  }

  /** The turns' texts, a line break between. */
  get text(): string {
    this.#text ??= this.turns.map(({ text }) => text).join('\n');
    return this.#text;
  }

  /** Words of all turns, whatever their case. */
  get numberedWords(): NumberedWords {
    this.#numberedWords ??= numberWords(this.turnWords.flat());
    return this.#numberedWords;
  }

  /** Words of each turn, in lower case. */
  get turnWords(): string[][] {
    this.#turnWords ??= this.turns.map(({ text }) => wordsOf(text));
    return this.#turnWords;
  }

  /** Code, formulas and the like in `text`. */
  get markUp(): MarkUp {
    this.#markUp ??= markUp(this.text);
    return this.#markUp;
  }

  textsOf(role: ViewedMessage['role']): string[] {
    return this.messages.filter((message) => message.role === role).map(({ text }) => text);
  }
}
