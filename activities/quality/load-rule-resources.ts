import type { TokenEncoding } from '../../pipeline/quality-rules.ts';
import type { RuleResources } from '../../quality/rule.ts';
import { tokenCounter } from './count-tokens.ts';
import { languageIdentifier } from './identify-language.ts';

const counters = new Map<TokenEncoding, Promise<RuleResources['countTokens']>>();
let identifier: Promise<RuleResources['identifyLanguage']> | null = null;

/** Loaded once in a thread, and only what the rules use. */
export async function loadRuleResources(wanted: { encoding: TokenEncoding | null; language: boolean }): Promise<RuleResources> {
  const { encoding, language } = wanted;
  if (encoding !== null && !counters.has(encoding)) counters.set(encoding, tokenCounter(encoding));
  if (language) identifier ??= languageIdentifier();
  return {
    countTokens: (encoding === null ? undefined : await counters.get(encoding)) ?? missing('an encoding'),
    identifyLanguage: (language ? await identifier : null) ?? missing('the language model'),
  };
}

function missing(what: string): () => never {
  return () => {
    throw new Error(`a rule uses ${what}, which was not loaded`);
  };
}
