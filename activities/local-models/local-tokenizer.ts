import { Tokenizer } from '@huggingface/tokenizers';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { LocalModelError } from './local-model-error.ts';
import { MODEL_FILES } from './model-files.ts';

/** The package's own declarations cannot be resolved by TypeScript: their imports lack extensions. */
interface HuggingFaceTokenizer {
  encode(text: string, options: { add_special_tokens: boolean; text_pair?: string; return_token_type_ids?: boolean }): { ids: number[]; token_type_ids?: number[] };
}
const HuggingFace = Tokenizer as unknown as new (tokenizer: JsonObject, config: JsonObject) => HuggingFaceTokenizer;

const MAXIMUM_FILE_BYTES = 64 * 1024 * 1024;

/** The tokenizer of a model's folder. */
export class LocalTokenizer {
  readonly config: JsonObject;
  readonly #tokenizer: HuggingFaceTokenizer;
  readonly #words: (string | undefined)[] = [];
  readonly #special = new Set<number>();

  /** Reads synchronously: for threads of their own. @throws LocalModelError */
  constructor(folder: string) {
    const tokenizer = readJsonFile(join(folder, MODEL_FILES.tokenizer));
    const configuration = join(folder, MODEL_FILES.tokenizerConfig);
    this.config = existsSync(configuration) ? readJsonFile(configuration) : {};
    // Some files tell to cut and to fill up, which is for callers to decide.
    this.#tokenizer = new HuggingFace({ ...tokenizer, truncation: null, padding: null, pre_tokenizer: withAllNumbers(tokenizer.pre_tokenizer ?? null) }, this.config);
    const model = isJsonObject(tokenizer.model) ? tokenizer.model : {};
    for (const [word, id] of Object.entries(isJsonObject(model.vocab) ? model.vocab : {})) if (typeof id === 'number') this.#words[id] = word;
    for (const token of Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : []) {
      if (!isJsonObject(token) || typeof token.id !== 'number' || typeof token.content !== 'string') continue;
      this.#words[token.id] = token.content;
      this.#special.add(token.id);
    }
  }

  /** The tokens of a text alone; special tokens that stand in it count as such. Bytes that the vocabulary lacks are left out. */
  encode(text: string): number[] {
    return this.#ids(text, false);
  }

  #ids(text: string, whole: boolean): number[] {
    const ids: (number | null | undefined)[] = this.#tokenizer.encode(text, { add_special_tokens: whole }).ids;
    return ids.filter((id) => id !== null && id !== undefined);
  }

  /** The tokens of a text with those that begin and end it. */
  encodeWhole(text: string): number[] {
    return this.#ids(text, true);
  }

  /** Two texts as one row, with what begins, parts and ends them, and which of the two each token is of. */
  encodePair(first: string, second: string): { ids: number[]; types: number[] } {
    const { ids, token_type_ids: types = [] } = this.#tokenizer.encode(first, { add_special_tokens: true, text_pair: second, return_token_type_ids: true });
    return { ids, types };
  }

  /** The bytes that a token of byte pairs stands for; none for special tokens. */
  bytesOf(id: number): Buffer {
    const word = this.#words[id];
    if (word === undefined || this.#special.has(id)) return Buffer.alloc(0);
    return Buffer.from([...word].map((character) => BYTES.get(character) ?? 0x3f));
  }
}

/** `Digits` cuts at all of Unicode's numbers, such as ½; the package takes 0 to 9 alone. */
function withAllNumbers(given: JsonValue): JsonValue {
  if (!isJsonObject(given)) return given;
  if (given.type === 'Sequence' && Array.isArray(given.pretokenizers)) return { ...given, pretokenizers: given.pretokenizers.map(withAllNumbers) };
  if (given.type !== 'Digits') return given;
  return { type: 'Split', pattern: { Regex: given.individual_digits === true ? '\\p{N}' : '\\p{N}+' }, behavior: 'Isolated', invert: false };
}

/** @throws LocalModelError where it is no JSON object, or too large */
export function readJsonFile(path: string): JsonObject {
  try {
    if (statSync(path).size > MAXIMUM_FILE_BYTES) throw new LocalModelError(`${path} is too large`);
    const value = JSON.parse(readFileSync(path, 'utf8')) as JsonValue;
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (error instanceof LocalModelError) throw error;
    throw new LocalModelError(`${path} cannot be read: ${(error as Error).message}`);
  }
  throw new LocalModelError(`${path} is not a JSON object`);
}

/**
 * What each character of a byte-level vocabulary stands for: printable characters of Latin-1 for themselves, those from
 * U+0100 on for the other bytes in their order, as GPT-2's tokenizer defined it.
 */
const BYTES = ((): Map<string, number> => {
  const isPlain = (byte: number): boolean => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte <= 0xff && byte !== 0xad);
  const bytes = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    bytes.set(String.fromCharCode(isPlain(byte) ? byte : next), byte);
    if (!isPlain(byte)) next++;
  }
  return bytes;
})();
