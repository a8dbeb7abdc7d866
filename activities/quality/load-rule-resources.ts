import type { TokenEncoding } from '../../pipeline/quality-rules.ts';
import type { RuleResources } from '../../quality/rule.ts';
import type { ContaminationIndex } from '../../quality/contamination-index.ts';
import { tokenCounter } from './count-tokens.ts';
import { languageIdentifier } from './identify-language.ts';
import { loadToxicityScorer } from './load-toxicity-scorer.ts';
import type { ChatFiles } from './quality-protocol.ts';

const counters = new Map<TokenEncoding, Promise<RuleResources['countTokens']>>();
type ChatCounter = NonNullable<RuleResources['countChat']>;
const chatCounters = new Map<string, Promise<ChatCounter>>();
let identifier: Promise<RuleResources['identifyLanguage']> | null = null;
let toxicity: Promise<RuleResources['scoreToxicity']> | null = null;

export interface WantedResources {
  encoding: TokenEncoding | null;
  language: boolean;
  toxicity: boolean;
  contamination: ContaminationIndex | null;
  chat: ChatFiles | null;
}

/** Loaded once in a thread, and only what the rules use. */
export async function loadRuleResources(wanted: WantedResources): Promise<RuleResources> {
  const { encoding, language, contamination } = wanted;
  if (encoding !== null && !counters.has(encoding)) counters.set(encoding, tokenCounter(encoding));
  if (language) identifier ??= languageIdentifier();
  if (wanted.toxicity) toxicity ??= loadToxicityScorer();
  const countTokens = (encoding === null ? undefined : await counters.get(encoding)) ?? missing('an encoding');
  return {
    countTokens,
    countChat: wanted.chat === null ? null : await chatCounter(wanted.chat, { encoding, countTokens }),
    identifyLanguage: (language ? await identifier : null) ?? missing('the language model'),
    scoreToxicity: (wanted.toxicity ? await toxicity : null) ?? missing('the model of toxicity'),
    contaminationIndex: contamination === null ? missing('benchmarks') : () => contamination,
  };
}

/** A tokenizer takes a second to read: it is kept. */
function chatCounter(files: ChatFiles, { encoding, countTokens }: { encoding: TokenEncoding | null; countTokens: RuleResources['countTokens'] }): Promise<ChatCounter> {
  const key = JSON.stringify([files, encoding]);
  const counter = chatCounters.get(key) ?? import('./chat-tokens.ts').then(({ createChatCounter }) => createChatCounter(files, countTokens));
  chatCounters.set(key, counter);
  // A file that could not be read may be mended.
  counter.catch(() => chatCounters.delete(key));
  return counter;
}

function missing(what: string): () => never {
  return () => {
    throw new Error(`a rule uses ${what}, which was not loaded`);
  };
}
