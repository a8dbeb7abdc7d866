import { z } from 'zod';
import { CATEGORIES } from 'syngraph/quality';

const score = z.int().min(1).max(5);
const explanation = z.string().min(1);

/** An explanation stands before its score, so that a model reasons before it decides. */
export const Judgement = z.object({
  explanation_IF: explanation,
  instruction_following: score,
  explanation_CA: explanation,
  contextual_alignment: score,
  explanation_AC: explanation,
  accuracy: score,
  explanation_CO: explanation,
  completeness: score,
  explanation_LC: explanation,
  linguistic_clarity: score,
});

/** Named as the state key that takes it. */
export const CategoryAnswer = z.object({ judge_category: z.enum(CATEGORIES) });

export const InstructionAnswer = z.object({
  instruction_tags: z.array(z.string().min(1)).min(1).max(8),
  difficulty: score,
  explanation_question_quality: explanation,
  question_quality_score: score,
});
