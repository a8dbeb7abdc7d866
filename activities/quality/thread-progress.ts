import { QUALITY_RULE_NAMES, type QualityRuleName } from '../../pipeline/quality-rules.ts';

const [STEPS, CONVERSATION, RULE] = [0, 1, 2] as const;
const NOWHERE = -1;

/** Where a thread is in its request, in memory that it shares with the pool: a thread that hangs cannot say so itself. */
export class ThreadProgress {
  readonly #cells: Int32Array<SharedArrayBuffer>;

  /** @param cells of another thread's progress. Default: a new one, which is nowhere */
  constructor(cells = new Int32Array(new SharedArrayBuffer(12)).fill(NOWHERE)) {
    this.#cells = cells;
  }

  get cells(): Int32Array<SharedArrayBuffer> {
    return this.#cells;
  }

  /** Grows with each step, so that who looks twice sees whether the thread got on. */
  get steps(): number {
    return Atomics.load(this.#cells, STEPS);
  }

  /** Index of the conversation in the request, and the rule that is applied to it; null: none yet. */
  get place(): { conversation: number; rule: QualityRuleName } | null {
    const rule = QUALITY_RULE_NAMES[Atomics.load(this.#cells, RULE)];
    return rule === undefined ? null : { conversation: Atomics.load(this.#cells, CONVERSATION), rule };
  }

  enter(conversation: number, rule: QualityRuleName): void {
    Atomics.store(this.#cells, CONVERSATION, conversation);
    Atomics.store(this.#cells, RULE, QUALITY_RULE_NAMES.indexOf(rule));
    Atomics.add(this.#cells, STEPS, 1);
  }

  leave(): void {
    Atomics.store(this.#cells, RULE, NOWHERE);
    Atomics.add(this.#cells, STEPS, 1);
  }
}
