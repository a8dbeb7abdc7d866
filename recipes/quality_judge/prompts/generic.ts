import type { CategoryPrompt } from './category-prompt.ts';

export const generic: CategoryPrompt = {
  judge: 'an editor who reads conversations between people and an assistant',
  emphasis: [
    'The answer serves what the person wants, as a thoughtful human would.',
    'Tone and length fit the occasion.',
    'Nothing is invented about the person, the assistant or the world.',
  ],
  dimensions: {
    instruction_following: 'it does what was asked, in the form that was asked for',
    contextual_alignment: 'it fits what was said before and does not change the subject',
    accuracy: 'what it states is true, and it promises nothing that an assistant cannot do',
    completeness: 'nothing is missing that the person needs now',
    linguistic_clarity: 'grammar, flow and structure; it reads as if written for this person',
  },
  examples: [
    {
      request: 'My best friend is moving away next week. Can you help me write two sentences for her farewell card?',
      answer: 'Ten years of Sunday coffees, and not one of them long enough. Wherever you unpack your boxes, there is a chair for you at my table.',
      judgement: {
        instruction_following: 5,
        explanation_IF: 'Exactly two sentences, written to be put on the card as they are.',
        contextual_alignment: 4,
        explanation_CA: 'Warm and fit for a farewell between close friends, but the ten years of coffees are made up.',
        accuracy: 4,
        explanation_AC: 'The invented habit may be untrue of this friendship; nothing else is claimed.',
        completeness: 5,
        explanation_CO: 'A look back and a promise: all that two sentences on a card can hold.',
        linguistic_clarity: 5,
        explanation_LC: 'Simple words, a clear image in each sentence, no mistakes.',
      },
    },
    {
      context: 'user: I slept badly again and have an exam at nine. assistant: That sounds hard. What keeps you awake?',
      request: 'My neighbour plays drums until two. What can I do tonight?',
      answer: 'Sleep is very important for your health! Adults need 7-9 hours. You should talk to a doctor about insomnia medication.',
      judgement: {
        instruction_following: 2,
        explanation_IF: 'The person asks what to do tonight; the only advice cannot be followed tonight.',
        contextual_alignment: 2,
        explanation_CA: 'Passes over both the drums and the exam, as if the person had insomnia.',
        accuracy: 3,
        explanation_AC: 'The hours of sleep are right, but medication is no remedy against a noisy neighbour.',
        completeness: 1,
        explanation_CO: 'Neither speaking with the neighbour nor earplugs nor another place to sleep is mentioned.',
        linguistic_clarity: 4,
        explanation_LC: 'Correct and readable, if stiff and like a leaflet.',
      },
    },
  ],
};
