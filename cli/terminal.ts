import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

/** Where a command's words go. Under `--json` only `result` reaches standard output. */
export interface Terminal {
  /** What was asked for. */
  result(text: string): void;
  /** Said to a person along the way. */
  tell(text: string): void;
  /** Warnings and errors; always standard error. */
  warn(text: string): void;
  /** A remark that is not part of any answer; standard error, faint. */
  note(text: string): void;
  /** Lines at the bottom that are rewritten in place; an empty list takes them away. Does nothing where it cannot be shown. */
  live(lines: string[]): void;
  /** Whether `live` is seen by anybody. */
  isLive: boolean;
  columns(): number;
  colours: Colours;
}

export function createTerminal({ isJson, environment }: { isJson: boolean; environment: NodeJS.ProcessEnv }): Terminal {
  const human = isJson ? process.stderr : process.stdout;
  const isLive = human.isTTY === true && environment.TERM !== 'dumb' && environment.CI === undefined;
  const wantsColour = (human.isTTY === true && environment.NO_COLOR === undefined) || (environment.FORCE_COLOR ?? '') !== '';
  const colours = pc.createColors(wantsColour);
  let shown = 0;

  // To the line's beginning too: the terminal has written ^C there when somebody has pressed it.
  const erase = (): string => (shown === 0 ? '' : `\r\u001b[${shown}A\u001b[0J`);
  const say = (stream: NodeJS.WriteStream, text: string): void => {
    // What is rewritten in place makes room for what stays, and comes back with its next update.
    if (shown > 0) human.write(erase());
    shown = 0;
    stream.write(text.endsWith('\n') ? text : `${text}\n`);
  };

  return {
    result: (text) => say(process.stdout, text),
    tell: (text) => say(human, text),
    warn: (text) => say(process.stderr, text),
    note: (text) => say(process.stderr, colours.dim(text)),
    live(lines) {
      if (!isLive) return;
      human.write(`${erase()}${lines.map((line) => `${line}\n`).join('')}`);
      shown = lines.length;
    },
    isLive,
    columns: () => human.columns ?? 100,
    colours,
  };
}
