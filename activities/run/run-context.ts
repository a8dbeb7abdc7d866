import { SyngraphError } from '../../pipeline/errors.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { RunReference } from '../../pipeline/run-contract.ts';
import { openEarlierAnswers, type EarlierAnswers } from '../journal/earlier-answers.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { PythonCode } from '../functions/function-host.ts';
import { loadCode } from '../planning/load-code.ts';
import { loadPlan } from '../planning/load-plan.ts';
import { createModelOutages, type ModelOutages } from '../models/model-outages.ts';
import { createFirstAttempts, type FirstAttempts } from '../nodes/llm/retry-rules.ts';
import { readJson } from '../store/read-json.ts';
import { createFailureWindow, type FailureWindow } from './failure-window.ts';
import { createLiveMonitor, readCounters, type LiveMonitor } from './live-monitor.ts';
import { runFolder, type RunDescription } from './run-files.ts';
import { nothingPaid } from './steering/caps.ts';
import { createRunSteering, type RunSteering } from './steering/run-steering.ts';

/** What a worker knows of a run; made once per worker and run. */
export interface RunContext {
  description: RunDescription;
  plan: Plan;
  /** Absolute path of the plan's code, or null. */
  bundlePath: string | null;
  /** Where the plan's Python code is, or null. */
  python: PythonCode | null;
  folder: string;
  live: LiveMonitor;
  /** What may be done for the run right now. */
  steering: RunSteering;
  failures: FailureWindow;
  /** How often first attempts of a model fail in this run. */
  firstAttempts(model: string): FirstAttempts;
  /** Which models are out, of those that others stand in for. */
  outages: ModelOutages;
  /** null with `--fresh`, or for the first run of a pipeline. */
  earlier(): Promise<EarlierAnswers | null>;
}

/** Runs whose contexts a worker keeps. */
const KEPT_RUNS = 32;

export function createRunContexts(dependencies: ActivityDependencies): (run: RunReference) => Promise<RunContext> {
  const kept = new Map<string, KeptRun>();
  /** Runs that were let go, until what they have counted is in the store. */
  const closing = new Map<string, Promise<void>>();

  function open(key: string, run: RunReference): KeptRun {
    const opening = openRun(dependencies, run);
    const one: KeptRun = { opening, context: null };
    opening.then(
      (context) => void (one.context = context),
      // A run that could not be opened is tried afresh the next time.
      () => void (kept.get(key) === one && kept.delete(key)),
    );
    return one;
  }

  /** The longest unused go first. One that is at work stays: what it counts must not be counted in two places. */
  function letGo(): void {
    for (const [key, one] of kept) {
      if (kept.size <= KEPT_RUNS) return;
      const { context } = one;
      if (context === null || context.steering.isBusy) continue;
      kept.delete(key);
      const closed = context.live.close().catch(() => void (kept.has(key) || kept.set(key, one)));
      closing.set(key, closed.finally(() => closing.delete(key)));
    }
  }

  return async (run) => {
    const key = runFolder(run);
    // What could not be written is still known here.
    await closing.get(key);
    const one = kept.get(key) ?? open(key, run);
    kept.delete(key);
    kept.set(key, one);
    letGo();
    return one.opening;
  };
}

interface KeptRun {
  opening: Promise<RunContext>;
  /** null until it is open. */
  context: RunContext | null;
}

async function openRun(dependencies: ActivityDependencies, run: RunReference): Promise<RunContext> {
  const { store } = dependencies;
  const folder = runFolder(run);
  const description = await readJson<RunDescription>(store, `${folder}/run.json`);
  if (description === null) {
    throw new SyngraphError({
      code: 'RUN_NOT_FOUND',
      message: `the store ${store.location} has no run ${run.pipeline}/${run.run}`,
      nextStep: 'Start the worker with the store that the run was started with.',
    });
  }
  const plan = await loadPlan(store, run.planHash);
  const { bundlePath, python } = await loadCode(store, plan);
  const firstAttempts = new Map<string, FirstAttempts>();
  const before = await readCounters(store, folder, dependencies.workerName);
  const steering = createRunSteering({
    dependencies, folder, plan, run: `${run.pipeline}/${run.run}`, paidBefore: before?.paid ?? nothingPaid(), onPaid: () => live.paid(),
  });
  const live = createLiveMonitor({ dependencies, folder, plan, before, paid: () => steering.paid });
  let earlier: Promise<EarlierAnswers | null> | undefined;
  return {
    description,
    plan,
    bundlePath,
    python,
    folder,
    live,
    steering,
    failures: createFailureWindow(description.failureShare),
    firstAttempts(model) {
      const known = firstAttempts.get(model) ?? createFirstAttempts();
      firstAttempts.set(model, known);
      return known;
    },
    outages: createModelOutages(),
    earlier: () => (earlier ??= description.fresh ? Promise.resolve(null) : openEarlierAnswers({ store, run, seed: description.seed })),
  };
}
