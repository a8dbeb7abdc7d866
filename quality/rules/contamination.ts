import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { findOverlaps } from '../contamination-index.ts';
import type { QualityRule } from '../rule.ts';

const MOST_SHOWN_CHARACTERS = 200;

/**
 * Beyond the paper: runs of words that the given benchmarks have, too. 13 words, case and punctuation aside, as in appendix C of
 * "Language Models are Few-Shot Learners" (Brown et al. 2020); texts of a benchmark that are shorter are looked for whole from 8 words on,
 * the least that the appendix takes. Tags how many there are of each benchmark, and rejects one or more unless `reject` is false.
 */
export const contamination: QualityRule<QualityRuleSettings['contamination']> = (view, { benchmarks, reject }, { contaminationIndex }) => {
  if (benchmarks.length === 0) return { tags: {}, reject: null };
  const overlaps = view.turnWords.flatMap((words) => findOverlaps(contaminationIndex(), words));
  const counts: Record<string, number> = {};
  for (const { benchmark } of overlaps) counts[benchmark] = (counts[benchmark] ?? 0) + 1;
  const [first] = overlaps;
  const shown = first?.words.join(' ').slice(0, MOST_SHOWN_CHARACTERS);
  return { tags: { contamination: counts }, reject: reject && first !== undefined ? `it has words of the benchmark ${first.benchmark}: "${shown}"` : null };
};
