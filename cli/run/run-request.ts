import { joinLocation, resolveLocation } from '../../activities/store/locations.ts';
import { isS3Address } from '../../activities/store/s3/s3-address.ts';
import { assertOutputApart } from '../../pipeline/assert-output-apart.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { givenLimits, type NONE } from '../options/parse-number.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { PipelineInput } from '../../pipeline/run-contract.ts';

/** The flags of `run` as commander reads them. */
export interface RunOptions {
  task?: string;
  models?: string;
  numRecords?: number;
  startIndex?: number;
  concurrency?: number;
  priority?: number;
  batchSize?: number;
  outputDir?: string;
  output?: string;
  runId?: string;
  resume?: string | true;
  dryRun?: boolean;
  seed?: number;
  fresh?: boolean;
  disableMetadata?: boolean;
  failureShare?: number;
  newOnly?: boolean;
  /** Dollars. */
  budget?: number | typeof NONE;
  maxTokensTotal?: number | typeof NONE;
  deadline?: string;
  detach?: boolean;
  quality?: boolean;
  /** false: leave the work to workers that run elsewhere. */
  worker?: boolean;
  oasst?: boolean;
}

/** `--models`, where it was given. */
export function withModels({ models }: RunOptions): { models?: string } {
  return models === undefined ? {} : { models };
}

/** Caps of a run, where any were given. */
export function capsOf({ budget, maxTokensTotal, deadline }: RunOptions): Pick<PipelineInput, 'budget' | 'maxTokensTotal' | 'deadline'> {
  return givenLimits({ budget, maxTokensTotal, deadline });
}

/** What the workflow is started with; what was not asked for is left to the engine's defaults. */
export function pipelineInput(options: {
  flags: RunOptions;
  task: string;
  planned: { plan: Plan; planHash: string };
  runId: string;
  workingDirectory: string;
  /** Outputs that nobody has named go there where it is a bucket. */
  storeLocation: string;
}): PipelineInput {
  const { flags, task, planned, runId, workingDirectory, storeLocation } = options;
  const { numRecords, startIndex, concurrency, priority, batchSize, seed, fresh, quality, failureShare, oasst, newOnly } = flags;
  const input: PipelineInput = { task, planHash: planned.planHash, runId, ...capsOf(flags) };
  const chosen = { numRecords, startIndex, concurrency, priority, batchSize, seed, fresh, quality, failureShare, oasst, newOnly };
  for (const [name, value] of Object.entries(chosen)) if (value !== undefined) Object.assign(input, { [name]: value });
  if (flags.disableMetadata !== undefined) input.metadata = !flags.disableMetadata;
  // The worker that runs it may stand in another folder than the user.
  const sinks = planned.plan.sinks.flatMap((sink) => (sink.type === 'file' ? [resolveLocation(workingDirectory, sink.path)] : []));
  if (flags.output !== undefined) input.output = checkOutput(resolveLocation(workingDirectory, flags.output));
  else if (flags.outputDir !== undefined) input.outputDir = resolveLocation(workingDirectory, flags.outputDir);
  // Whichever worker merges the run writes its output: it must be where all can reach it.
  else if (sinks.length === 0) input.outputDir = joinLocation(isS3Address(storeLocation) ? storeLocation : workingDirectory, 'output');
  // The engine would find it out too, after everything has been started.
  assertOutputApart(planned.plan.source, input.output !== undefined ? [input.output] : input.outputDir === undefined ? sinks : []);
  return input;
}

/** The engine would find it out too, after everything has been started. */
function checkOutput(path: string): string {
  if (/\.(jsonl?|csv|parquet)$/i.test(path)) return path;
  throw new SyngraphError({
    code: 'USAGE',
    message: `cannot tell the format of the output ${path}`,
    nextStep: 'End its name in one of .json, .jsonl, .csv, .parquet.',
  });
}
