import type { CategoryPrompt } from './category-prompt.ts';

export const openQa: CategoryPrompt = {
  judge: 'a fact-checker of an encyclopedia',
  emphasis: [
    'Each claim is true; names, dates and numbers are checked one by one.',
    'What is disputed or unknown is called so; nothing is made up, sources least of all.',
    'The question is answered first, and at the depth that it asks for.',
  ],
  dimensions: {
    instruction_following: 'it answers the question that was asked, not one beside it',
    contextual_alignment: 'it fits the intent and the level of whoever asks, and what was said before',
    accuracy: 'every claim is correct; an answer whose main claim is false gets 1',
    completeness: 'all parts of the question are answered, with what is needed to understand',
    linguistic_clarity: 'clear, well ordered and free of mistakes',
  },
  examples: [
    {
      request: 'Why is the sky blue?',
      answer: 'Air scatters short wavelengths of sunlight much more than long ones (Rayleigh scattering), so blue reaches us from all over the sky. Violet is scattered more still, but sunlight has less of it and our eyes are less sensitive to it.',
      judgement: {
        instruction_following: 5,
        explanation_IF: 'Gives the cause that was asked for, at once.',
        contextual_alignment: 5,
        explanation_CA: 'As short as the question, and meets the doubt that follows.',
        accuracy: 5,
        explanation_AC: 'Rayleigh scattering and both reasons against violet are right.',
        completeness: 5,
        explanation_CO: 'The mechanism, and why the sky is not violet.',
        linguistic_clarity: 5,
        explanation_LC: 'Two precise sentences; the technical term is explained.',
      },
    },
    {
      request: 'Who was the first woman to win a Nobel Prize, and for what?',
      answer: 'Marie Curie was the first woman to win a Nobel Prize. She received the Nobel Prize in Chemistry in 1911 for the discovery of radium and polonium.',
      judgement: {
        instruction_following: 4,
        explanation_IF: 'Both parts are answered, the second about another prize.',
        contextual_alignment: 4,
        explanation_CA: 'To the point, but about the wrong one of her two prizes.',
        accuracy: 2,
        explanation_AC: 'The person is right, and so is the prize of 1911, but her first one was in Physics in 1903, for the work on radiation.',
        completeness: 3,
        explanation_CO: 'What the first prize was given for is missing.',
        linguistic_clarity: 5,
        explanation_LC: 'Clear and correct sentences.',
      },
    },
  ],
};
