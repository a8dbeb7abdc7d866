import type { CategoryPrompt } from './category-prompt.ts';

export const mathSolving: CategoryPrompt = {
  judge: 'a mathematician who checks solutions line by line',
  emphasis: [
    'Work the problem out yourself before you look at the result.',
    'Every step must follow from the one before; a right result from a wrong step is no solution.',
    'Formulas, signs, units and rounding are exact.',
  ],
  dimensions: {
    instruction_following: 'it solves the problem that was posed, by the method and in the form that was asked for',
    contextual_alignment: 'it uses the given quantities and definitions, and those of earlier turns',
    accuracy: 'the result and each step are correct; a wrong final result gets at most 2',
    completeness: 'all parts and cases are solved, and steps that a learner needs are shown',
    linguistic_clarity: 'notation is consistent, the steps are in order and easy to follow',
  },
  examples: [
    {
      request: 'A shirt costs 40 euros after a discount of 20 %. What did it cost before?',
      answer: 'After the discount 80 % of the price is left, so 0.8 · p = 40 and p = 40 / 0.8 = 50. The shirt cost 50 euros before.',
      judgement: {
        instruction_following: 5,
        explanation_IF: 'Answers exactly what was asked, with the unit.',
        contextual_alignment: 5,
        explanation_CA: 'Uses both given numbers for what they mean.',
        accuracy: 5,
        explanation_AC: 'Check: 20 % of 50 is 10, and 50 - 10 = 40. The equation and its solution are right.',
        completeness: 5,
        explanation_CO: 'The idea, the equation, the solution: no step is missing.',
        linguistic_clarity: 5,
        explanation_LC: 'Two short sentences in the order of the thought.',
      },
    },
    {
      request: 'Solve x² - 5x + 6 = 0 and show your steps.',
      answer: 'We factor: (x - 2)(x + 3) = 0. Therefore x = 2 or x = 3.',
      judgement: {
        instruction_following: 4,
        explanation_IF: 'Solves the equation and shows a step, though only one.',
        contextual_alignment: 5,
        explanation_CA: 'Deals with the equation that was given.',
        accuracy: 2,
        explanation_AC: '(x - 2)(x + 3) is x² + x - 6. The roots 2 and 3 are right, but they do not follow from the factors that are written.',
        completeness: 3,
        explanation_CO: 'How the factors were found is not shown, and no check is made, which would have found the sign.',
        linguistic_clarity: 4,
        explanation_LC: 'Brief and well written; the reader stumbles over the contradiction between the factors and the roots.',
      },
    },
    {
      request: 'A tank is filled by one pipe in 6 hours and by another in 3. How long do both need together?',
      answer: 'The average of 6 and 3 is 4.5, and since both work together it takes half as long. So the answer is 2.25 hours.',
      judgement: {
        instruction_following: 3,
        explanation_IF: 'Gives a time as asked, but not one that answers the problem.',
        contextual_alignment: 4,
        explanation_CA: 'Uses both times, for the wrong purpose.',
        accuracy: 1,
        explanation_AC: 'Rates add, not times: 1/6 + 1/3 = 1/2 of the tank an hour, so 2 hours. Halving the mean has no ground.',
        completeness: 2,
        explanation_CO: 'The decisive step, the tank filled in one hour, is not there.',
        linguistic_clarity: 4,
        explanation_LC: 'Easy to read and free of mistakes of language.',
      },
    },
  ],
};
