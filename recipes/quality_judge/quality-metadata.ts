import type { Category } from 'syngraph/quality';
import { DIMENSIONS, EXPLANATIONS, overallScore, type Judgement } from './dimensions.ts';

/** What a model says about the request. */
export interface InstructionAnswer {
  instruction_tags: string[];
  difficulty: number;
  question_quality_score: number;
  explanation_question_quality: string;
}

export interface QualityResult {
  category: Category;
  /** Who told it. */
  categoryBy: string;
  judgement: Judgement;
  second: Judgement | null;
  instruction: InstructionAnswer | null;
}

export type Mapping = Record<string, unknown>;

/** The record's metadata with `quality_characteristics.LLM_based` as section 4.3 of the paper lays it out, and the tags. */
export function withQuality(metadata: unknown, result: QualityResult): Mapping {
  const known = mappingOf(metadata, 'metadata');
  const { category, categoryBy, judgement, second, instruction } = result;
  return {
    ...known,
    data_taxonomy: {
      ...mappingOf(known.data_taxonomy, 'metadata.data_taxonomy'),
      category,
      ...(instruction === null ? {} : { instruction_tags: instruction.instruction_tags, difficulty: instruction.difficulty }),
    },
    quality_characteristics: {
      ...mappingOf(known.quality_characteristics, 'metadata.quality_characteristics'),
      LLM_based: {
        category,
        ...scoresAndExplanations(judgement),
        category_by: categoryBy,
        ...(instruction === null ? {} : questionQuality(instruction)),
        ...(second === null ? {} : { second_judge: scoresAndExplanations(second) }),
      },
    },
  };
}

function scoresAndExplanations(judgement: Judgement): Mapping {
  const scores = DIMENSIONS.map((dimension) => [dimension, judgement[dimension]]);
  const explanations = Object.values(EXPLANATIONS).map((name) => [name, judgement[name]]);
  return { ...(Object.fromEntries(scores) as Mapping), explanations: Object.fromEntries(explanations) as Mapping, overall_score: overallScore(judgement) };
}

function questionQuality({ question_quality_score, explanation_question_quality }: InstructionAnswer): Mapping {
  return { question_quality_score, explanation_question_quality };
}

/** What is there is kept, so it must be something that can be added to. */
export function mappingOf(value: unknown, name: string): Mapping {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Mapping;
  throw new Error(`${name} is no mapping, so the quality cannot be added to it: rename that column`);
}
