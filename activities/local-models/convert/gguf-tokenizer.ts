import type { JsonObject } from '../../../pipeline/json.ts';
import { LocalModelError } from '../local-model-error.ts';
import type { GgufFile, GgufValue } from './gguf-file.ts';

/** The files of a tokenizer, as Hugging Face's libraries read them. */
export interface TokenizerFiles {
  tokenizer: JsonObject;
  tokenizerConfig: JsonObject;
  /** Tokens that begin a text and end an answer. */
  begin: number | null;
  ends: number[];
}

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const CONTROL = 3;
const USER_DEFINED = 4;

/** Tokens that end an answer whatever the file calls its end. */
const USUAL_ENDS = ['<|endoftext|>', '<|im_end|>', '<|eot_id|>', '<|end_of_text|>', '</s>'];

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
/** What is cut apart before bytes are paired, by `tokenizer.ggml.pre`. */
const PRE_TOKENIZERS: Record<string, JsonObject> = {
  'gpt-2': BYTE_LEVEL,
  default: BYTE_LEVEL,
  smollm: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, BYTE_LEVEL] },
};

/** @throws LocalModelError where the tokenizer is none of those that are known */
export function tokenizerOf({ metadata }: GgufFile): TokenizerFiles {
  const kind = metadata.get('tokenizer.ggml.model');
  if (kind !== 'gpt2') throw new LocalModelError(`its tokenizer is ${String(kind)}; known is gpt2 (pairs of bytes)`);
  const pre = metadata.get('tokenizer.ggml.pre') ?? 'default';
  const preTokenizer = typeof pre === 'string' ? PRE_TOKENIZERS[pre] : undefined;
  if (preTokenizer === undefined) throw new LocalModelError(`its tokenizer cuts texts as ${String(pre)} does; known are ${Object.keys(PRE_TOKENIZERS).join(', ')}`);
  const words = texts(metadata.get('tokenizer.ggml.tokens'), 'tokens');
  const types = metadata.get('tokenizer.ggml.token_type');
  const typeOf = (id: number): GgufValue | undefined => (Array.isArray(types) ? types[id] : undefined);
  const added = words.flatMap((content, id) => {
    const type = typeOf(id);
    if (type !== CONTROL && type !== USER_DEFINED) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: type === CONTROL }];
  });
  const tokenizer: JsonObject = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      merges: texts(metadata.get('tokenizer.ggml.merges'), 'merges'),
    },
  };
  const idOf = (name: string): number | null => {
    const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
    return typeof id === 'number' && words[id] !== undefined ? id : null;
  };
  const ends = [idOf('eos'), idOf('eot'), ...added.filter(({ content }) => USUAL_ENDS.includes(content)).map(({ id }) => id)].filter((id) => id !== null);
  if (ends.length === 0) throw new LocalModelError('its tokenizer names no token that ends an answer');
  const template = metadata.get('tokenizer.chat_template');
  const special = Object.fromEntries(
    (['bos', 'eos', 'padding', 'unknown'] as const).flatMap((name) => {
      const id = idOf(name);
      const key = { bos: 'bos_token', eos: 'eos_token', padding: 'pad_token', unknown: 'unk_token' }[name];
      return id === null ? [] : [[key, words[id] ?? '']];
    }),
  );
  return {
    tokenizer,
    tokenizerConfig: {
      tokenizer_class: 'GPT2Tokenizer',
      ...special,
      ...(typeof template === 'string' ? { chat_template: template } : {}),
      clean_up_tokenization_spaces: false,
    },
    begin: idOf('bos'),
    ends: [...new Set(ends)],
  };
}

function texts(value: GgufValue | undefined, what: string): string[] {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) throw new LocalModelError(`the GGUF file has no tokenizer.ggml.${what}`);
  return value;
}
