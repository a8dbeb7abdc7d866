/** How the next token is drawn; names and meanings as in the completions APIs. */
export interface Sampling {
  /** 0: always the likeliest token. */
  temperature: number;
  /** Share of the probability that the likeliest tokens, which alone are drawn, must have together. 1: all tokens. */
  topP: number;
  /** Number of the likeliest tokens that alone are drawn. 0: all tokens. */
  topK: number;
  /** Tokens less likely than this share of the likeliest one's probability are not drawn. 0: all tokens. */
  minP: number;
  /** Divides the scores of tokens that have been there, prompt included; multiplies negative ones. 1: nothing. */
  repetitionPenalty: number;
  /** Taken off the score of a token for each time that the answer has it. */
  frequencyPenalty: number;
  /** Taken off the score of a token that the answer has. */
  presencePenalty: number;
}

export interface TokenChoice {
  /** Scores of all tokens; changed by penalties. */
  logits: Float32Array;
  sampling: Sampling;
  prompt: readonly number[];
  answer: readonly number[];
  /** In [0, 1). */
  random: () => number;
}

/** Tokens whose probability is below that of the likeliest by this factor, e^-16, are never drawn. */
const FARTHEST = 16;

/** The next token. */
export function chooseToken({ logits, sampling, prompt, answer, random }: TokenChoice): number {
  const { temperature, topK, topP, minP } = sampling;
  applyPenalties({ logits, sampling, prompt, answer });
  let best = 0;
  for (let token = 1; token < logits.length; token++) if ((logits[token] as number) > (logits[best] as number)) best = token;
  if (temperature === 0) return best;
  const highest = logits[best] as number;
  const lowest = highest + temperature * Math.max(-FARTHEST, Math.log(minP));
  let candidates: number[] = [];
  for (let token = 0; token < logits.length; token++) if ((logits[token] as number) >= lowest) candidates.push(token);
  // Equal scores keep the order of the vocabulary, so that the draw is the same everywhere.
  candidates.sort((one, other) => (logits[other] as number) - (logits[one] as number) || one - other);
  if (topK > 0) candidates = candidates.slice(0, topK);
  const weights = candidates.map((token) => Math.exp(((logits[token] as number) - highest) / temperature));
  const wanted = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let total = 0;
  while (kept < weights.length && (kept === 0 || total < wanted)) total += weights[kept++] as number;
  let rest = random() * total;
  for (let index = 0; index < kept; index++) {
    rest -= weights[index] as number;
    if (rest < 0) return candidates[index] as number;
  }
  return candidates[kept - 1] as number;
}

function applyPenalties({ logits, sampling, prompt, answer }: Omit<TokenChoice, 'random'>): void {
  const { repetitionPenalty, frequencyPenalty, presencePenalty } = sampling;
  if (repetitionPenalty !== 1) {
    for (const token of new Set([...prompt, ...answer])) {
      const score = logits[token] as number;
      logits[token] = score > 0 ? score / repetitionPenalty : score * repetitionPenalty;
    }
  }
  if (frequencyPenalty !== 0) for (const token of answer) logits[token] = (logits[token] as number) - frequencyPenalty;
  if (presencePenalty !== 0) for (const token of new Set(answer)) logits[token] = (logits[token] as number) - presencePenalty;
}
