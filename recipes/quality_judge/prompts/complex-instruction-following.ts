import type { CategoryPrompt } from './category-prompt.ts';

export const complexInstructionFollowing: CategoryPrompt = {
  judge: 'an examiner who checks texts against a list of constraints',
  emphasis: [
    'List the constraints of the request, those of the system message too, and check each: count words, lines and items.',
    'A constraint is met or it is not; nearly is not.',
    'The text is still good as a text.',
  ],
  dimensions: {
    instruction_following: 'the share of constraints that are met; one that is broken gives at most 3, two at most 2',
    contextual_alignment: 'role, tone and audience are those that were asked for, from beginning to end',
    accuracy: 'what it says is true, or fits the fiction that was asked for',
    completeness: 'every part that was asked for is there, and has substance',
    linguistic_clarity: 'it reads well in spite of its constraints',
  },
  examples: [
    {
      request: 'Describe a lighthouse in exactly three sentences. Do not use the word "light" outside of "lighthouse", write in the present tense, and end with a question.',
      answer: 'The lighthouse stands on the last rock before the open sea. Its beam sweeps the waves twice a minute, patient as a clock. Who still needs it, now that every ship has a satellite?',
      judgement: {
        instruction_following: 5,
        explanation_IF: 'Three sentences, present tense, no "light" outside of "lighthouse", a question at the end: all four are met.',
        contextual_alignment: 5,
        explanation_CA: 'A description throughout, in one calm tone.',
        accuracy: 5,
        explanation_AC: 'Nothing in it is false of lighthouses.',
        completeness: 4,
        explanation_CO: 'Place, beam and purpose; the building itself is hardly seen.',
        linguistic_clarity: 5,
        explanation_LC: 'Rhythmical and plain, and the question grows out of what stands before.',
      },
    },
    {
      request: 'Write a product text for a kettle: at most 40 words, as a bulleted list of four items, no exclamation marks, mention the two-year warranty.',
      answer: 'Meet your new favourite kettle!\n- Boils a litre in two minutes\n- Cool-touch handle\n- Shuts off by itself\nBackup for two years by our warranty, so you can enjoy tea with peace of mind every single morning.',
      judgement: {
        instruction_following: 2,
        explanation_IF: 'An exclamation mark, and three items instead of four; length (36 words) and warranty are kept.',
        contextual_alignment: 4,
        explanation_CA: 'The tone of a product text; the frame around the list was not asked for.',
        accuracy: 4,
        explanation_AC: 'Nothing contradicts the request; the figures are made up, which such a text may.',
        completeness: 3,
        explanation_CO: 'The fourth item is missing.',
        linguistic_clarity: 3,
        explanation_LC: 'The list is clear; "backup for two years by our warranty" is wrong.',
      },
    },
  ],
};
