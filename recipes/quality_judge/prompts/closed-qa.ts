import type { CategoryPrompt } from './category-prompt.ts';

export const closedQa: CategoryPrompt = {
  judge: 'a reader who checks answers against the text that they are about',
  emphasis: [
    'Every claim is in the given text or follows from it; what is true but not there counts as added.',
    'Where the text does not answer the question, the right answer is to say so.',
    'Names, numbers and quotations are as in the text.',
  ],
  dimensions: {
    instruction_following: 'it answers what was asked about the text, in the form that was asked for',
    contextual_alignment: 'it rests on the given text alone; a claim from elsewhere gives at most 3',
    accuracy: 'it is what the text says, without distortion; a contradiction to it gives at most 2',
    completeness: 'all that the text has to say on the question is there',
    linguistic_clarity: 'clear, well ordered and free of mistakes',
  },
  examples: [
    {
      context: 'The library opens at ten on weekdays and at noon on Saturdays. On Sundays it is closed. Returns are taken at any hour through the slot in the east wall.',
      request: 'When can I bring back a book on Sunday?',
      answer: 'At any hour: the library itself is closed on Sundays, but there is a slot for returns in the east wall.',
      judgement: {
        instruction_following: 5,
        explanation_IF: 'Says when, and how.',
        contextual_alignment: 5,
        explanation_CA: 'Both facts are from the text, and nothing is added.',
        accuracy: 5,
        explanation_AC: 'Agrees with the text in every point.',
        completeness: 5,
        explanation_CO: 'That the library is closed, and the way around it.',
        linguistic_clarity: 5,
        explanation_LC: 'One sentence with the answer first.',
      },
    },
    {
      context: 'The bridge was begun in 1932 and opened to traffic in May 1937. It cost 35 million dollars, which was paid by tolls until 1971.',
      request: 'According to the text, how long was the bridge built and who designed it?',
      answer: 'The bridge was built for five years, from 1932 to 1937. It was designed by Joseph Strauss, together with Charles Ellis.',
      judgement: {
        instruction_following: 3,
        explanation_IF: 'Both questions are answered, the second not "according to the text".',
        contextual_alignment: 2,
        explanation_CA: 'The designers are nowhere in the text; it should be said that the text does not name them.',
        accuracy: 3,
        explanation_AC: 'The years are right; whether the names are, the text cannot tell.',
        completeness: 4,
        explanation_CO: 'The time of building is there; that the text is silent about the rest is not.',
        linguistic_clarity: 5,
        explanation_LC: 'Clear and without mistakes.',
      },
    },
  ],
};
