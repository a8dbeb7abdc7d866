/** Records that the share of failures is taken over (design: execution rule 11). */
const WINDOW = 200;

/** Watches the share of failed records, so that a mistake of the pipeline does not fail a whole dataset. */
export interface FailureWindow {
  /** Forgets what was before the given epoch: somebody has looked at the cause and said go on. */
  note(outcome: { failed: boolean; epoch: number }): void;
  /** Failed among the last records, when the window is full and the share is above the threshold. */
  exceeded(epoch: number): number | null;
}

export function createFailureWindow(share: number): FailureWindow {
  let outcomes: boolean[] = [];
  let current = 0;
  return {
    note({ failed, epoch }) {
      if (epoch < current) return;
      if (epoch > current) {
        current = epoch;
        outcomes = [];
      }
      outcomes.push(failed);
      if (outcomes.length > WINDOW) outcomes.shift();
    },
    exceeded(epoch) {
      if (epoch !== current || outcomes.length < WINDOW) return null;
      const failed = outcomes.filter(Boolean).length;
      return failed / WINDOW > share ? failed : null;
    },
  };
}
