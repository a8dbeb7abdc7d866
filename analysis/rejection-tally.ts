import { isJsonObject, type JsonObject } from '../pipeline/json.ts';
import { exampleTurns, type SpokenTurn } from './example-text.ts';
import { Reservoir } from './reservoir.ts';

export interface RejectedExample {
  file: string;
  /** Number of the record in its file, from 1. */
  row: number;
  reason: string;
  /** The last request and answer, clipped. */
  turns: SpokenTurn[];
}

export interface RuleReport {
  rule: string;
  /** Records that the rule rejects. */
  records: number;
  /** Of them, those that no other rule rejects. */
  alone: number;
  examples: RejectedExample[];
}

export interface RejectedRecord {
  row: JsonObject;
  heuristics: JsonObject;
  file: string;
  number: number;
}

interface RuleCount {
  records: number;
  alone: number;
  examples: Reservoir<RejectedExample>;
}

const EXAMPLES = 3;
/** Rules have names of ours; a file may say anything. */
const MOST_RULES = 200;
const MOST_REASON = 300;

/** Which rules reject how many records, with examples of each. */
export class RejectionTally {
  readonly #rules = new Map<string, RuleCount>();
  readonly #random: (rule: string, position: number) => number;
  readonly #key: string;

  constructor({ random, key }: { random: (rule: string, position: number) => number; /** Of the tags, which examples leave out. */ key: string }) {
    this.#random = random;
    this.#key = key;
  }

  add({ row, heuristics, file, number }: RejectedRecord): void {
    const reasons = new Map<string, string>();
    for (const rejection of Array.isArray(heuristics.rejections) ? heuristics.rejections : []) {
      if (isJsonObject(rejection) && typeof rejection.rule === 'string' && !reasons.has(rejection.rule)) reasons.set(rejection.rule, typeof rejection.reason === 'string' ? rejection.reason : '');
    }
    for (const [rule, reason] of reasons) {
      const count = this.#countOf(rule);
      if (count === null) continue;
      count.records += 1;
      if (reasons.size === 1) count.alone += 1;
      count.examples.offer(() => ({ file, row: number, reason: reason.slice(0, MOST_REASON), turns: exampleTurns(row, this.#key) }));
    }
  }

  /** The rule with the most records first. */
  report(): RuleReport[] {
    return [...this.#rules]
      .map(([rule, { records, alone, examples }]) => ({ rule, records, alone, examples: examples.items() }))
      .sort((left, right) => right.records - left.records || (left.rule < right.rule ? -1 : 1));
  }

  #countOf(rule: string): RuleCount | null {
    let count = this.#rules.get(rule);
    if (count === undefined) {
      if (this.#rules.size >= MOST_RULES) return null;
      count = { records: 0, alone: 0, examples: new Reservoir({ size: EXAMPLES, random: (position) => this.#random(rule, position) }) };
      this.#rules.set(rule, count);
    }
    return count;
  }
}
