import type { CategoryPrompt } from './category-prompt.ts';

export const reasoning: CategoryPrompt = {
  judge: 'a logician who takes arguments apart',
  emphasis: [
    'Conclusions follow from the premises and from nothing else.',
    'There is no fallacy: no circle, no reversed implication, no correlation taken for a cause.',
    'Other explanations and cases are weighed where there are any.',
  ],
  dimensions: {
    instruction_following: 'it answers the question that was put, and shows its reasoning if that was asked for',
    contextual_alignment: 'it reasons from what was given, and adds no premises of its own without saying so',
    accuracy: 'the conclusion is right and every inference is valid; a wrong conclusion gets at most 2',
    completeness: 'all premises are used, all cases are looked at, and no step of the argument is skipped',
    linguistic_clarity: 'the argument is laid out so that each step can be followed and checked',
  },
  examples: [
    {
      request: 'All the keys on the red ring are brass. The key to the cellar is not brass. Is it on the red ring?',
      answer: 'No. If it were on the red ring it would be brass, and it is not. Where it is instead, the two statements do not say.',
      judgement: {
        instruction_following: 5,
        explanation_IF: 'A clear answer to a yes-or-no question, with its reason.',
        contextual_alignment: 5,
        explanation_CA: 'Uses the two statements and nothing else.',
        accuracy: 5,
        explanation_AC: 'Modus tollens, correctly applied.',
        completeness: 5,
        explanation_CO: 'Both premises are used, and the limit of what follows is named.',
        linguistic_clarity: 5,
        explanation_LC: 'Three short sentences, each a step.',
      },
    },
    {
      request: 'Since our café began to play jazz, sales have risen by 10 %. A street was closed in that month, so more people walk past. Should we conclude that jazz sells coffee?',
      answer: 'Yes, sales rose after the jazz began, so the jazz works. Music is known to relax people, and relaxed people spend more. You should also try classical music.',
      judgement: {
        instruction_following: 3,
        explanation_IF: 'Answers the question, then adds advice that nobody asked for.',
        contextual_alignment: 2,
        explanation_CA: 'Passes over the closed street, which the question itself puts forward.',
        accuracy: 1,
        explanation_AC: 'Takes what came after for what was caused by it; with more people walking past the conclusion does not follow.',
        completeness: 2,
        explanation_CO: 'The other explanation is not weighed, and no way to tell the two apart is given.',
        linguistic_clarity: 4,
        explanation_LC: 'Fluent and orderly; that the second sentence is an assumption is not marked.',
      },
    },
  ],
};
