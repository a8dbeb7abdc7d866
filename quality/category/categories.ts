export const CATEGORIES = [
  'generic',
  'math_solving',
  'reasoning',
  'code_writing',
  'complex_instruction_following',
  'open_qa',
  'closed_qa',
] as const;

export type Category = (typeof CATEGORIES)[number];

/** As SyGra's metadata spells them. */
export const SYGRA_CATEGORIES: Record<Category, string> = {
  generic: 'Generic',
  math_solving: 'Math Solving',
  reasoning: 'Reasoning',
  code_writing: 'Code Writing',
  complex_instruction_following: 'Complex Instruction Following',
  open_qa: 'Open-Domain Question Answering',
  closed_qa: 'Closed-Domain Question Answering',
};

/** The category that a record names itself, in either spelling; null: none of the seven. */
export function categoryNamed(value: unknown): Category | null {
  if (typeof value !== 'string') return null;
  const name = value.trim().toLowerCase().replaceAll(' ', '_');
  return CATEGORIES.find((category) => category === name || SYGRA_CATEGORIES[category].toLowerCase().replaceAll(' ', '_') === name) ?? null;
}
