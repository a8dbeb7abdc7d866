import { isJsonObject, type JsonObject } from '../pipeline/json.ts';
import { displayBins, type DisplayBin } from './display-bins.ts';
import { JudgeTally, type JudgeReport } from './judge-tally.ts';
import { QUALITY_METRICS, type MetricLimit, type MetricScale } from './quality-metrics.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { RejectionTally, type RuleReport } from './rejection-tally.ts';
import type { RuleLimits } from './rule-limits.ts';
import { hasPassed, numberOf, readTags, valueAt, type RecordTags } from './tagged-record.ts';
import { ValueCounts, type ValueCount } from './value-counts.ts';

export interface Distribution {
  count: number;
  mean: number;
  min: number;
  max: number;
  /** Within 0.5 %. */
  p5: number;
  median: number;
  p95: number;
}

export interface MetricReport {
  key: string;
  title: string;
  scale: MetricScale;
  limits: MetricLimit[];
  all: Distribution;
  /** null: no accepted record has it. */
  accepted: Distribution | null;
  bins: DisplayBin[];
}

export interface QualityReport {
  records: number;
  accepted: number;
  rejected: number;
  /** Records without tags; they count nowhere else. */
  untagged: number;
  rules: RuleReport[];
  metrics: MetricReport[];
  languages: ValueCount[];
  categories: ValueCount[];
  /** Records that have code, formulas, tables, personal data …, by name. */
  contents: ValueCount[];
  /** Models that scored records, by what they scored. */
  scorers: ValueCount[];
  judge: JudgeReport | null;
}

export interface QualityTallyOptions {
  /** Key of the records that the tags stand under. */
  key: string;
  /** A number in [0, 1) for the n-th record that a rule rejects: decides on the examples. */
  random: (rule: string, position: number) => number;
}

const CONTENTS: Record<string, readonly string[]> = {
  'code blocks': ['data_characteristics', 'code_blocks'],
  formulas: ['data_characteristics', 'math_symbols'],
  citations: ['data_characteristics', 'citations'],
  tables: ['data_characteristics', 'tables'],
  lists: ['data_characteristics', 'list_items'],
  urls: ['data_characteristics', 'urls'],
  refusals: ['boilerplate', 'refusals'],
  'speaks of itself as an AI': ['boilerplate', 'self_mentions'],
};
/** Tags that count things by kind. */
const COUNTED: Record<string, string> = { 'personal data': 'pii', 'words of a benchmark': 'contamination' };
/** Scores of different models cannot be compared. */
const SCORERS: Record<string, readonly string[]> = { perplexity: ['perplexity', 'model'], IFD: ['ifd', 'ifd_model'], reward: ['reward_score', 'reward_model'] };
const MOST_SHOWN = 20;

/** Sums up tagged records, one at a time; memory does not grow with their number. */
export class QualityTally {
  readonly #key: string;
  readonly #metrics = QUALITY_METRICS.map((metric) => ({ metric, all: new QuantileSketch(), accepted: new QuantileSketch() }));
  readonly #rejections: RejectionTally;
  readonly #languages = new ValueCounts();
  readonly #categories = new ValueCounts();
  readonly #contents = new ValueCounts();
  readonly #scorers = new ValueCounts();
  readonly #judge = new JudgeTally();
  readonly #counts = { records: 0, accepted: 0, rejected: 0, untagged: 0 };

  constructor({ key, random }: QualityTallyOptions) {
    this.#key = key;
    this.#rejections = new RejectionTally({ random, key });
  }

  /** `number` is the record's in its file, from 1. */
  add(row: JsonObject, { file, number }: { file: string; number: number }): 'accepted' | 'rejected' | 'untagged' {
    this.#counts.records += 1;
    const tags = readTags(row, this.#key);
    if (tags === null) {
      this.#counts.untagged += 1;
      return 'untagged';
    }
    const isAccepted = hasPassed(tags);
    this.#counts[isAccepted ? 'accepted' : 'rejected'] += 1;
    if (!isAccepted) this.#rejections.add({ row, heuristics: tags.heuristics, file, number });
    for (const { metric, all, accepted } of this.#metrics) {
      const value = metric.read(tags);
      if (value === null) continue;
      all.add(value);
      if (isAccepted) accepted.add(value);
    }
    this.#addValues(tags, isAccepted);
    this.#judge.add(tags.judged);
    return isAccepted ? 'accepted' : 'rejected';
  }

  report(limits: RuleLimits): QualityReport {
    const metrics = this.#metrics.filter(({ all }) => all.count > 0).map(({ metric, all, accepted }): MetricReport => {
      const { key, title, scale } = metric;
      const isAny = accepted.count > 0;
      return { key, title, scale, limits: metric.limits(limits), all: distributionOf(all, scale), accepted: isAny ? distributionOf(accepted, scale) : null, bins: displayBins({ all, accepted }, scale) };
    });
    return {
      ...this.#counts,
      rules: this.#rejections.report(),
      metrics,
      languages: this.#languages.list(MOST_SHOWN),
      categories: this.#categories.list(MOST_SHOWN),
      contents: this.#contents.list(MOST_SHOWN),
      scorers: this.#scorers.list(MOST_SHOWN),
      judge: this.#judge.report(),
    };
  }

  #addValues({ heuristics, judged, taxonomy }: RecordTags, isAccepted: boolean): void {
    const language = valueAt(heuristics, ['language', 'detected']);
    if (typeof language === 'string') this.#languages.add(language, isAccepted);
    const category = [taxonomy.category, judged.category, valueAt(heuristics, ['data_characteristics', 'category'])].find((value) => typeof value === 'string');
    if (category !== undefined) this.#categories.add(category, isAccepted);
    for (const [name, path] of Object.entries(CONTENTS)) if ((numberOf(valueAt(heuristics, path)) ?? 0) > 0) this.#contents.add(name, isAccepted);
    for (const [name, tag] of Object.entries(COUNTED)) {
      for (const [kind, count] of Object.entries(isJsonObject(heuristics[tag]) ? heuristics[tag] : {})) {
        if (kind !== 'total' && (numberOf(count) ?? 0) > 0) this.#contents.add(`${name}: ${kind}`, isAccepted);
      }
    }
    for (const [name, path] of Object.entries(SCORERS)) {
      const model = valueAt(heuristics, path);
      if (typeof model === 'string') this.#scorers.add(`${name}: ${model}`, isAccepted);
    }
  }
}

function distributionOf(sketch: QuantileSketch, scale: MetricScale): Distribution {
  const { count, mean, min, max } = sketch;
  // Nobody has 3.99 turns.
  const quantile = (share: number): number => (scale === 'whole' ? Math.round(sketch.quantile(share)) : sketch.quantile(share));
  return { count, mean, min, max, p5: quantile(0.05), median: quantile(0.5), p95: quantile(0.95) };
}
