import type { CategoryPrompt } from './category-prompt.ts';

export const codeWriting: CategoryPrompt = {
  judge: 'a senior engineer who reviews code before it is merged',
  emphasis: [
    'Run the code in your head, with an ordinary input and with edge cases: empty, one, duplicate, negative, very large.',
    'It is valid syntax, its imports are there, and it uses only interfaces that exist.',
    'It is as efficient and as safe as the task needs, and no more complicated.',
  ],
  dimensions: {
    instruction_following: 'language, names, signature, libraries and limits are those that were asked for',
    contextual_alignment: 'it fits the code, versions and errors shown in the conversation',
    accuracy: 'the code does what it is to do, edge cases included, and what is said about it is true; code that does not run gets at most 2',
    completeness: 'nothing is left as a placeholder; errors are handled where they must be; it can be used as it stands',
    linguistic_clarity: 'names, layout and comments are clear, and so is the explanation',
  },
  examples: [
    {
      request: 'Write a Python function `chunks(items, size)` that yields lists of `size` items, the last one maybe shorter.',
      answer: 'def chunks(items, size):\n    """Yields lists of at most size items. Raises ValueError unless size is positive."""\n    if size < 1:\n        raise ValueError("size must be at least 1")\n    for start in range(0, len(items), size):\n        yield items[start:start + size]',
      judgement: {
        instruction_following: 4,
        explanation_IF: 'Name, arguments and generator as asked, but for a tuple it yields tuples, not lists.',
        contextual_alignment: 5,
        explanation_CA: 'Exactly the function that was described.',
        accuracy: 4,
        explanation_AC: 'Right for lists, the empty one included. Needs len(), so that an iterator fails.',
        completeness: 5,
        explanation_CO: 'A bad size is refused and documented; nothing is missing for its use.',
        linguistic_clarity: 5,
        explanation_LC: 'Few lines, clear names, a docstring that says what can go wrong.',
      },
    },
    {
      request: 'How do I remove duplicates from a JavaScript array of objects by their id, keeping the first of each?',
      answer: 'You can use a Set:\n\nconst unique = [...new Set(array)];\n\nThis removes all duplicates in O(n).',
      judgement: {
        instruction_following: 2,
        explanation_IF: 'Neither the id nor keeping the first is dealt with.',
        contextual_alignment: 2,
        explanation_CA: 'Answers for an array of primitive values, not for one of objects.',
        accuracy: 1,
        explanation_AC: 'A Set compares objects by reference: objects with the same id all stay.',
        completeness: 2,
        explanation_CO: 'A Map or Set of ids would be needed; no example input shows what happens.',
        linguistic_clarity: 4,
        explanation_LC: 'One line and one sentence, easy to read.',
      },
    },
  ],
};
