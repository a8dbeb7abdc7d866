import { toxicityScorer } from '../../quality/toxicity-scorer.ts';

/** The linear model of alt-profanity-check 1.9.1 (PyPI, MIT licence), written by test/quality/fixtures/export-toxicity.py. */
export async function loadToxicityScorer(): Promise<(text: string) => number> {
  const { default: model } = await import('./toxicity-model.json', { with: { type: 'json' } });
  return toxicityScorer(model);
}
