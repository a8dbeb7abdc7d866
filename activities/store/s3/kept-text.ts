/** Characters that all open files of this process hold at most, so that each can be written as one object when it closes. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

let held = 0;

/** All text of one file, as long as there is room for it. */
export interface KeptText {
  add(text: string): void;
  /** Hands it over and forgets it; null where there was no room. */
  take(): string | null;
}

export function keptText(): KeptText {
  let texts: string[] | null = [];
  let characters = 0;
  const forget = (): void => {
    held -= characters;
    characters = 0;
    texts = null;
  };
  return {
    add(text) {
      if (texts === null) return;
      texts.push(text);
      characters += text.length;
      held += text.length;
      if (held > MOST_CHARACTERS) forget();
    },
    take() {
      const whole = texts?.join('') ?? null;
      forget();
      return whole;
    },
  };
}
