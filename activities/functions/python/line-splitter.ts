/** Cuts text that arrives in pieces into lines; a line may be megabytes long and come in many pieces. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #begun: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const tail = text.slice(start, end);
      const line = this.#begun.length === 0 ? tail : this.#begun.join('') + tail;
      this.#begun = [];
      start = end + 1;
      this.#onLine(line);
    }
    if (start < text.length) this.#begun.push(text.slice(start));
  }
}
