import { categoryNamed, SYGRA_CATEGORIES } from 'syngraph/quality';
import { DIMENSIONS, EXPLANATIONS } from './dimensions.ts';
import { mappingOf, type Mapping } from './quality-metadata.ts';
import { valueAt } from './value-at.ts';

/**
 * What stands in `metadata` in the paper's layout (section 4.3), as SyGra documents its
 * `data_quality_metadata`: taxonomy, quality and characteristics apart, dimensions with explanations
 * under their full names, the category in words.
 */
export function sygraMetadata(known: unknown, metadata: unknown): Mapping {
  const before = mappingOf(known, 'data_quality_metadata');
  const heuristics = valueAt(metadata, ['quality_characteristics', 'heuristic_based']);
  const judged = valueAt(metadata, ['quality_characteristics', 'LLM_based']);
  const category = categoryNamed(valueAt(judged, ['category'])) ?? categoryNamed(valueAt(heuristics, ['data_characteristics', 'category']));
  const language = valueAt(heuristics, ['language', 'detected']);
  const characteristics = characteristicsOf(heuristics);
  return {
    ...before,
    data_taxonomy: { category: category === null ? '' : SYGRA_CATEGORIES[category], subcategory: '', instruction_tags: valueAt(metadata, ['data_taxonomy', 'instruction_tags']) ?? [] },
    data_quality: {
      ...mappingOf(before.data_quality, 'data_quality_metadata.data_quality'),
      ...(heuristics === undefined ? {} : { heuristic_based: heuristics }),
      ...(judged === undefined ? {} : { llm_based: judgedInWords(judged) }),
    },
    ...(Object.keys(characteristics).length === 0 ? {} : { data_characteristics: characteristics }),
    ...(typeof language === 'string' ? { languages: [language] } : {}),
  };
}

function judgedInWords(judged: unknown): Mapping {
  const scores = DIMENSIONS.flatMap((dimension) => [
    [dimension, valueAt(judged, [dimension])],
    [`explanation_${dimension}`, valueAt(judged, ['explanations', EXPLANATIONS[dimension]])],
  ]);
  const question = ['question_quality_score', 'explanation_question_quality'].map((name) => [name, valueAt(judged, [name])]);
  return {
    ...(Object.fromEntries(question.filter(([, value]) => value !== undefined)) as Mapping),
    response_quality: { ...(Object.fromEntries(scores) as Mapping), overall_score: valueAt(judged, ['overall_score']) },
  };
}

function characteristicsOf(heuristics: unknown): Mapping {
  const turns = valueAt(heuristics, ['conversation_stats', 'turn_count']);
  const input = valueAt(heuristics, ['tokens', 'input_tokens']);
  const target = valueAt(heuristics, ['tokens', 'target_tokens']);
  return {
    ...(typeof turns === 'number' ? { num_turns: turns } : {}),
    ...(typeof input === 'number' && typeof target === 'number' ? { num_tokens: input + target, num_input_tokens: input, num_target_tokens: target } : {}),
  };
}
