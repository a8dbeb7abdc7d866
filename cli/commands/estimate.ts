import { planHash } from '../../pipeline/plan-hash.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { countRecords } from '../estimate/count-records.ts';
import { estimateRun } from '../estimate/estimate-run.ts';
import { renderEstimate } from '../estimate/render-estimate.ts';
import { takeSample } from '../estimate/take-sample.ts';
import { taskArgument } from '../options/task-argument.ts';
import { askDirectly } from '../preview/ask-directly.ts';
import { openRunSession } from '../run/open-run-session.ts';
import { withModels, type RunOptions } from '../run/run-request.ts';
import { sayWhatIsSimulated, simulatedModelsOf } from '../run/start-run.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { listenForStop } from '../session/stop-signals.ts';

const SMALL_SAMPLE = 10;
const LARGE_SAMPLE = 30;

/** Records of a batch of a sample: what a batch has used is one measurement. */
const GROUP_SIZE = 5;

/** Few, so that a sample has several rounds, and the two of them differ in time. */
const SAMPLED_CONCURRENCY = 5;

const DEFAULT_CONCURRENCY = 128;

/** `syngraph estimate TASK`: what a run will cost and how long it will take, by two small samples whose answers the run reuses. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const flags = options as RunOptions;
  const task = taskArgument(positional, flags);
  const { store, environment, terminal, isJson } = context;
  const { startIndex = 0 } = flags;
  const signals = listenForStop();
  const session = openRunSession(context);
  try {
    const planned = await planOrReport(context, { task, ...withModels(flags) });
    if (planned === null) return 2;
    if (planned.plan.nodes.some(({ kind }) => kind === 'human_review')) {
      throw new SyngraphError({ code: 'USAGE', message: `${task} waits for humans, whose time cannot be sampled`, nextStep: 'syngraph preview shows what a few records use.' });
    }
    // A sample must not write where the pipeline's dataset belongs, and takes all that it draws.
    const plan = { ...askDirectly(planned.plan), sinks: [], target: null };
    const hash = planHash(plan);
    await store.write(`plans/${hash}.json`, JSON.stringify(plan));
    const records = flags.numRecords ?? (await countRecords(planned.plan, { environment, startIndex }));
    const simulatedModels = await simulatedModelsOf(context, plan);
    sayWhatIsSimulated(context, simulatedModels);
    const { client } = await session.connected;
    const { seed, fresh } = flags;
    const chosen = Object.fromEntries(Object.entries({ seed, fresh }).filter(([, value]) => value !== undefined));
    const sample = (first: number, numRecords: number): ReturnType<typeof takeSample> =>
      takeSample({
        context, session, client, pipeline: plan.pipeline, task, signals,
        input: { task, planHash: hash, startIndex: startIndex + first, numRecords, batchSize: GROUP_SIZE, concurrency: SAMPLED_CONCURRENCY, simulatedModels, ...chosen },
      });
    const small = await sample(0, Math.min(SMALL_SAMPLE, records));
    const large = small === null ? null : await sample(SMALL_SAMPLE, Math.max(1, Math.min(LARGE_SAMPLE, records - SMALL_SAMPLE)));
    if (small === null || large === null) return 1;
    const concurrency = flags.concurrency ?? DEFAULT_CONCURRENCY;
    const estimate = estimateRun({ plan: planned.plan, small, large, groupSize: GROUP_SIZE, sampledConcurrency: SAMPLED_CONCURRENCY, records, concurrency });
    if (isJson) terminal.result(JSON.stringify({ pipeline: plan.pipeline, ...estimate, simulatedModels }));
    else for (const line of renderEstimate(estimate, { task, simulatedModels })) terminal.tell(line);
    return 0;
  } finally {
    await session.close();
    signals.dispose();
  }
}
