import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';

export interface TokenizerFacts {
  /** Jinja, as the transformers library renders it. */
  template: string;
  /** `bos_token`, `eos_token` … as templates name them. */
  specialTokens: JsonObject;
}

/** Where newer models have their chat template. */
export const TEMPLATE_FILE = 'chat_template.jinja';

/** The chat template that a tokenizer's configuration has: a text, or one of a list of named ones. null: none. */
export function templateIn({ chat_template: value = null }: { chat_template?: JsonValue }): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const named = value.filter(isJsonObject);
  const chosen = named.find(({ name }) => name === 'default') ?? named[0];
  return typeof chosen?.template === 'string' ? chosen.template : null;
}

export function specialTokensIn(configuration: JsonObject): JsonObject {
  return Object.fromEntries(
    ['bos_token', 'eos_token', 'pad_token', 'unk_token'].flatMap((name) => {
      const value = configuration[name];
      const text = isJsonObject(value) ? value.content : value;
      return typeof text === 'string' ? [[name, text]] : [];
    }),
  );
}
