/** The paper's five dimensions with the names of their explanations, in its order (section 4.2). */
export const EXPLANATIONS = {
  instruction_following: 'explanation_IF',
  contextual_alignment: 'explanation_CA',
  accuracy: 'explanation_AC',
  completeness: 'explanation_CO',
  linguistic_clarity: 'explanation_LC',
} as const;

export type Dimension = keyof typeof EXPLANATIONS;
export type Explanation = (typeof EXPLANATIONS)[Dimension];

export const DIMENSIONS = Object.keys(EXPLANATIONS) as Dimension[];

/** A judge's answer: whole numbers from 1 to 5, and why. */
export type Judgement = Record<Dimension, number> & Record<Explanation, string>;

/** The mean of the five, to two decimals. */
export function overallScore(judgement: Judgement): number {
  const sum = DIMENSIONS.reduce((total, dimension) => total + judgement[dimension], 0);
  return Math.round((sum / DIMENSIONS.length) * 100) / 100;
}
