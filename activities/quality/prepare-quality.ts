import { extname, dirname, basename } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { PreparedQuality } from '../../pipeline/run-contract.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { planTask } from '../planning/plan-task.ts';
import type { RunContext } from '../run/run-context.ts';
import { joinLocation } from '../store/locations.ts';
import { writeQualityTask } from './quality-task.ts';

/**
 * Plans the tagging of what a run has written.
 * @param retried where the run is a retry: the run that it belongs to, whose output is tagged anew
 */
export async function prepareQuality(dependencies: ActivityDependencies, run: RunContext, retried: RunContext | null): Promise<PreparedQuality> {
  const { store, workingDirectory, environment } = dependencies;
  const { description, plan } = retried ?? run;
  const [first] = description.outputs;
  if (first === undefined) throw new SyngraphError({ code: 'INTERNAL', message: 'the run has written no file that could be tagged' });
  const output = joinLocation(dirname(first.path), `${basename(first.path, extname(first.path))}_quality${extname(first.path)}`);
  const task = await writeQualityTask(store, {
    source: { type: 'disk', file_path: first.path, file_format: first.format, encoding: first.encoding },
    name: plan.pipeline,
    output,
    mode: 'filter',
    rules: plan.quality?.rules ?? {},
    messages: null,
    judge: plan.quality?.judge ?? null,
    sygraMetadata: false,
    ...(plan.quality?.models === undefined ? {} : { models: plan.quality.models }),
  });
  const planned = await planTask({ task, store, workingDirectory, environment });
  if (planned.plan === null || planned.planHash === null) {
    const faults = planned.diagnostics.map(({ message }) => message).join('; ');
    throw new SyngraphError({ code: 'PIPELINE_INVALID', message: `the quality of ${first.path} cannot be tagged: ${faults}` });
  }
  // The tagging of a retry is a run of its own, and no retry of the first tagging.
  const runId = run.description.reference.run.replace('~', '-');
  const { planHash } = planned;
  return { workflowId: `${planned.plan.pipeline}/${runId}`, input: { task, planHash, runId, concurrency: description.concurrency } };
}
