import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { ContaminationIndexBuilder, type ContaminationIndex } from '../../quality/contamination-index.ts';
import { wordsOf } from '../../quality/words.ts';
import { openSource, type TransformFunctions } from '../data/open-source.ts';

/** Texts within texts, such as the choices of a question. */
const DEEPEST = 8;

interface IndexBenchmarks {
  functions: TransformFunctions;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/**
 * The runs of words of all texts in the benchmarks' fields.
 * @throws SyngraphError SOURCE_INVALID where a benchmark has no text that is long enough, or they are too many
 */
export async function indexBenchmarks({ benchmarks, words, minWords }: QualityRuleSettings['contamination'], options: IndexBenchmarks): Promise<ContaminationIndex> {
  const builder = new ContaminationIndexBuilder({ size: words, leastWords: minWords });
  for (const { name, source } of benchmarks) {
    let runs = 0;
    for await (const row of openSource({ source, ...options })) {
      if (!row.ok) continue;
      for (const text of textsIn(row.row, 0)) runs += addText(builder, name, text);
    }
    if (runs > 0) continue;
    throw new SyngraphError({ code: 'SOURCE_INVALID', message: `the benchmark ${name} has no text of ${Math.min(minWords, words)} words or more`, nextStep: 'Name its columns with fields, or lower min_words.' });
  }
  return builder.finish();
}

function addText(builder: ContaminationIndexBuilder, benchmark: string, text: string): number {
  try {
    return builder.add(benchmark, wordsOf(text));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SyngraphError({ code: 'SOURCE_INVALID', message: `the benchmarks have ${error.message}, too many to keep in memory`, nextStep: 'Take fewer, or name the columns that matter with fields.' });
  }
}

function* textsIn(value: JsonValue, depth: number): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (depth < DEEPEST && Array.isArray(value)) for (const item of value) yield* textsIn(item, depth + 1);
  else if (depth < DEEPEST && isJsonObject(value)) for (const item of Object.values(value)) yield* textsIn(item, depth + 1);
}
