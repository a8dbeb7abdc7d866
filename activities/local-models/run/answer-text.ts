/** The text of an answer as its tokens come in, and whether a stop text is in it. */
export class AnswerText {
  readonly #stops: Buffer[];
  readonly #longest: number;
  #bytes = Buffer.alloc(256);
  #length = 0;
  /** Where the first stop text begins. */
  #end: number | null = null;

  constructor(stops: string[]) {
    this.#stops = stops.filter((stop) => stop !== '').map((stop) => Buffer.from(stop));
    this.#longest = Math.max(0, ...this.#stops.map((stop) => stop.length));
  }

  get isStopped(): boolean {
    return this.#end !== null;
  }

  append(bytes: Buffer): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length + bytes.length)]);
    bytes.copy(this.#bytes, this.#length);
    this.#length += bytes.length;
    // A stop text may span several tokens.
    const from = Math.max(0, this.#length - bytes.length - this.#longest + 1);
    const fresh = this.#bytes.subarray(from, this.#length);
    const found = this.#stops.map((stop) => fresh.indexOf(stop)).filter((at) => at >= 0);
    if (this.#end === null && found.length > 0) this.#end = from + Math.min(...found);
  }

  /** Up to the stop text; without a character that has not come whole. */
  toString(): string {
    const end = this.#end ?? this.#length;
    return new TextDecoder().decode(this.#bytes.subarray(0, wholeCharacters(this.#bytes, end)));
  }
}

/** The end of the last whole UTF-8 character before `end`. */
function wholeCharacters(bytes: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return wanted > back ? end - back : end;
  }
  return end;
}
