import { isAbsolute, relative, resolve } from 'node:path';
import { assertOutputApart } from '../../pipeline/assert-output-apart.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import type { FileFormat, Plan, ListedAttributePlan, SourcePlan } from '../../pipeline/plan.ts';
import { fillOutputName, TASK_QUEUE, type PipelineInput, type PrepareRunInput, type PreparedRun, type RunReference } from '../../pipeline/run-contract.ts';
import { openSource } from '../data/open-source.ts';
import { readSourceIdentity } from '../data/source-identity.ts';
import { assertFallbacks } from './assert-fallbacks.ts';
import { assertPythonLoads } from './assert-python-loads.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { samplerValuesKey } from '../nodes/run-sampler.ts';
import { loadPlan } from '../planning/load-plan.ts';
import { planTask } from '../planning/plan-task.ts';
import { findTaskFile } from '../planning/task-file.ts';
import { joinLocation, resolveLocation } from '../store/locations.ts';
import { readJson } from '../store/read-json.ts';
import { upgradeStore } from '../store/store-format.ts';
import type { Store } from '../store/store.ts';
import { readGitState, type GitState } from './metadata/git-state.ts';
import { wantsMetadata } from './metadata/wants-metadata.ts';
import { describeOasst } from './oasst-output.ts';
import { describeRetry, endedRun, reopenRetry } from './retry/describe-retry.ts';
import { prepareBenchmarks } from './prepare-benchmarks.ts';
import { runFolder, type RunDescription } from './run-files.ts';
import { collectSeen } from './seen/collect-seen.ts';
import { beginControl } from './steering/control-run.ts';
import { taskTransformFunctions } from './task-transform-functions.ts';

const DEFAULT_RECORDS = 10;
const DEFAULT_CONCURRENCY = 128;
const DEFAULT_FAILURE_SHARE = 0.5;
const DEFAULT_RECORD_WORKFLOWS = 200;

/** Values that a sampler takes from a source at most: they are held in memory by every worker. */
const MOST_SAMPLER_VALUES = 1_000_000;

/** Fixes what a run is, in `run.json`; a run that is resumed keeps what it was fixed to. */
export async function prepareRun(dependencies: ActivityDependencies, { input: asked, workflowId, workflowType }: PrepareRunInput, signal: AbortSignal): Promise<PreparedRun> {
  const input = withOutputName(asked, lastSegment(workflowId));
  const { store } = dependencies;
  await upgradeStore(store);
  const { plan, planHash } = await planOf(dependencies, input);
  await assertPythonLoads(dependencies, plan);
  // A mended pipeline may have another name; its retry stays beside the run that it mends.
  const pipeline = input.retry?.pipeline ?? plan.pipeline;
  const reference: RunReference = { pipeline, run: input.runId ?? lastSegment(workflowId), planHash };
  const key = `${runFolder(reference)}/run.json`;
  const existing = await readJson<RunDescription>(store, key);
  if (existing !== null) {
    // The same start retried by Temporal, or a resume; anything else would mix two runs.
    if (input.resume !== true && existing.workflowId !== workflowId) throw runExists(reference);
    await reopenRetry(store, existing.reference);
    const stored = existing.reference.planHash === planHash ? plan : await loadPlan(store, existing.reference.planHash);
    return begun(dependencies, { description: existing, plan: stored, input });
  }
  const about = { dependencies, input, plan, reference, workflowId, ...(workflowType === undefined ? {} : { workflowType }) };
  const description = input.retry === undefined ? await describeRun(about) : await describeRetry({ ...about, request: input.retry });
  await readSamplerValues({ dependencies, plan, description, signal });
  await prepareBenchmarks({ dependencies, plan, description, signal });
  if (description.newOnly === true) await collectSeen(store, reference, signal);
  await store.write(key, JSON.stringify(description, null, 2));
  return begun(dependencies, { description, plan, input });
}

/** The output of a scheduled run is named after the time at which it was due. */
function withOutputName(input: PipelineInput, run: string): PipelineInput {
  if (input.scheduled === undefined || input.output === undefined) return input;
  const { at, timeZone } = input.scheduled;
  return { ...input, output: fillOutputName(input.output, { at: new Date(at), timeZone, run }) };
}

async function begun(dependencies: ActivityDependencies, about: { description: RunDescription; plan: Plan; input: PipelineInput }): Promise<PreparedRun> {
  const control = await beginControl(dependencies, about);
  return { ...preparedRun(about.description, about.plan, about.input), ...(control === null ? {} : { control }) };
}

function preparedRun(description: RunDescription, plan: Plan, input: PipelineInput): PreparedRun {
  const { reference, batchSize, recordWorkflows } = description;
  const concurrency = input.concurrency ?? description.concurrency;
  const { target, nodes } = plan;
  // Where each record enters is asked of the activity that asks the conditions of START.
  const walk = description.retry?.from === 'node' ? { ...plan.walk, start: null } : plan.walk;
  const providerBatches = nodes.flatMap((node, index) => (node.kind === 'llm' && node.waits === true ? [index] : []));
  const reviews = nodes.flatMap((node, index) => (node.kind === 'human_review' ? [index] : []));
  return {
    reference, walk, batchSize, concurrency, recordWorkflows,
    stageFirst: description.retry === undefined && isStagedFirst(plan.source),
    quickFinish: isQuicklyFinished(plan),
    ...(target === null || description.retry !== undefined ? {} : { target: { rows: target.records, maxCandidates: Math.min(target.maxCandidates, description.numRecords ?? Infinity) } }),
    ...(reviews.length === 0 ? {} : { reviews }),
    ...(providerBatches.length === 0 ? {} : { providerBatches }),
    ...(description.quality === true ? { quality: true } : {}),
  };
}

function isQuicklyFinished(plan: Plan): boolean {
  // A batch whose records become many takes its time.
  return plan.output.generator === null && plan.schema?.kind !== 'function' && plan.walk.splitting === undefined;
}

/** Streaming sources are too large to wait for, or have no end. */
function isStagedFirst(source: SourcePlan | null): boolean {
  if (source === null || source.onBadRecord === 'skip') return false;
  const streams = source.type === 'joined' ? source.parts.map((part) => part.source) : [source];
  return !streams.some((stream) => stream.type === 'hf' && stream.streaming);
}

async function planOf(dependencies: ActivityDependencies, input: PipelineInput): Promise<{ plan: Plan; planHash: string }> {
  const { store, workingDirectory, environment, taskRoots } = dependencies;
  const planHash = input.planHash ?? (await planHashOfRetried(store, input));
  if (planHash !== undefined) return { plan: await loadPlan(store, planHash), planHash };
  if (input.task === undefined) {
    throw new SyngraphError({ code: 'USAGE', message: 'the input names neither a task nor a plan', nextStep: `Start it with --input '{"task": "path/to/task"}' on task queue ${TASK_QUEUE}.` });
  }
  const path = resolve(workingDirectory, input.task);
  if (!taskRoots.some((root) => isInside(resolve(root), path))) {
    throw new SyngraphError({
      code: 'TASK_NOT_ALLOWED',
      message: `this worker does not run ${input.task}: it lies under none of ${taskRoots.join(', ')}`,
      nextStep: 'A task is code. Start the worker with --task-root for the folder that holds it.',
    });
  }
  const modelsFile = input.models === undefined ? {} : { modelsFile: input.models };
  const planned = await planTask({ task: path, ...modelsFile, store, workingDirectory, environment });
  if (planned.plan === null || planned.planHash === null) {
    const errors = planned.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    const text = errors.map((error) => `${error.file}:${error.line}:${error.column} ${error.message}`).join('\n');
    throw new SyngraphError({ code: 'PIPELINE_INVALID', message: text, nextStep: `syngraph validate ${input.task} shows each with its place.` });
  }
  return { plan: planned.plan, planHash: planned.planHash };
}

/** A retry by Temporal alone need not name the pipeline: it is that of the run. */
async function planHashOfRetried(store: Store, { retry, task }: PipelineInput): Promise<string | undefined> {
  if (retry?.pipeline === undefined || task !== undefined) return undefined;
  return (await endedRun(store, { pipeline: retry.pipeline, run: retry.run })).reference.planHash;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function assertNewOnly({ newOnly }: PipelineInput, { source, pipeline }: Plan): void {
  if (newOnly !== true || source !== null) return;
  throw new SyngraphError({ code: 'USAGE', message: `${pipeline} has no source, so none of its records are new or seen`, nextStep: 'Leave out --new-only; another --seed gives other records, and a schedule gives each run its own.' });
}

async function describeRun(options: {
  dependencies: ActivityDependencies;
  input: PipelineInput;
  plan: Plan;
  reference: RunReference;
  workflowId: string;
  workflowType?: string;
}): Promise<RunDescription> {
  const { dependencies, input, plan, reference, workflowId, workflowType } = options;
  const { environment, gateway, workingDirectory } = dependencies;
  assertNewOnly(input, plan);
  const simulatedModels = input.simulatedModels ?? Object.values(plan.models).filter((model) => gateway.isSimulated(model)).map((model) => model.name);
  assertFallbacks(plan, simulatedModels);
  const outputs = outputsOf(options);
  assertOutputApart(plan.source, outputs.map(({ path }) => path));
  const first = outputs[0]?.path ?? '';
  const oasst = describeOasst({ plan, wanted: input.oasst, output: first });
  return {
    version: 1,
    reference,
    workflowId,
    ...(workflowType === undefined ? {} : { workflowType }),
    task: input.task ?? plan.pipeline,
    git: await gitStateOf(input.task, workingDirectory),
    ...(wantsMetadata(input, environment) ? { metadata: `${stemOf(first)}.metadata.json` } : {}),
    createdAt: new Date().toISOString(),
    ...(input.newOnly === true ? { newOnly: true } : {}),
    seed: input.seed ?? 0,
    numRecords: input.numRecords ?? plan.target?.maxCandidates ?? (plan.source === null ? DEFAULT_RECORDS : null),
    startIndex: input.startIndex ?? 0,
    concurrency: input.concurrency ?? DEFAULT_CONCURRENCY,
    batchSize: input.batchSize ?? null,
    fresh: input.fresh ?? false,
    failureShare: input.failureShare ?? DEFAULT_FAILURE_SHARE,
    recordWorkflows: input.recordWorkflows ?? DEFAULT_RECORD_WORKFLOWS,
    source: plan.source === null ? null : await readSourceIdentity(plan.source, environment),
    outputs,
    hubSinks: plan.sinks.filter((sink) => sink.type === 'hf'),
    ...((input.quality ?? plan.quality !== undefined) ? { quality: true } : {}),
    failedRecords: `${stemOf(first)}.failed.jsonl`,
    ...(oasst === null ? {} : { oasst }),
    simulatedModels,
  };
}

/** A run by its plan alone may be far from the files of the task. */
async function gitStateOf(task: string | undefined, workingDirectory: string): Promise<GitState | null> {
  if (task === undefined) return null;
  const folder = await findTaskFile(task, workingDirectory).then((file) => file.folder, () => null);
  return folder === null ? null : readGitState(folder);
}

function stemOf(output: string): string {
  return output.replace(/\.[^./\\]+$/, '');
}

const FORMATS: FileFormat[] = ['json', 'jsonl', 'csv', 'parquet'];

function outputsOf(options: { dependencies: ActivityDependencies; input: PipelineInput; plan: Plan; reference: RunReference }): RunDescription['outputs'] {
  const { dependencies, input, plan, reference } = options;
  const { workingDirectory } = dependencies;
  const utf8 = { encoding: 'utf-8' };
  if (input.output !== undefined) {
    const extension = /\.([^./\\]+)$/.exec(input.output)?.[1]?.toLowerCase();
    const format = FORMATS.find((candidate) => candidate === extension);
    if (format === undefined) {
      throw new SyngraphError({ code: 'USAGE', message: `cannot tell the format of the output ${input.output}`, nextStep: `End its name in one of ${FORMATS.map((known) => `.${known}`).join(', ')}.` });
    }
    return [{ path: resolveLocation(workingDirectory, input.output), format, ...utf8 }];
  }
  const sinks = plan.sinks.filter((sink) => sink.type === 'file');
  if (sinks.length > 0 && input.outputDir === undefined) {
    return sinks.map(({ type: _, ...sink }) => ({ ...sink, path: resolveLocation(workingDirectory, sink.path) }));
  }
  const folder = resolveLocation(workingDirectory, input.outputDir ?? 'output');
  const format = sinks[0]?.format ?? 'jsonl';
  return [{ path: joinLocation(folder, `${reference.pipeline}-${reference.run}.${format}`), format, ...utf8 }];
}

/** Reads what samplers draw from a source, once per run: every worker then sees the same values. */
async function readSamplerValues(options: { dependencies: ActivityDependencies; plan: Plan; description: RunDescription; signal: AbortSignal }): Promise<void> {
  const { dependencies, plan, description: { reference, retry }, signal } = options;
  for (const node of plan.nodes) {
    if (node.kind !== 'weighted_sampler') continue;
    for (const attribute of node.attributes) {
      if (!('values' in attribute) || Array.isArray(attribute.values)) continue;
      const known = retry && (await readJson<JsonValue[]>(dependencies.store, samplerValuesKey(runFolder({ ...reference, run: retry.run }), node.name, attribute.name)));
      const values = known ?? (await columnValues({ dependencies, plan, wanted: attribute.values, name: `${node.name}.${attribute.name}`, signal }));
      await dependencies.store.write(samplerValuesKey(runFolder(reference), node.name, attribute.name), JSON.stringify(values));
    }
  }
}

async function columnValues(options: {
  dependencies: ActivityDependencies;
  plan: Plan;
  wanted: Exclude<ListedAttributePlan['values'], JsonValue[]>;
  name: string;
  signal: AbortSignal;
}): Promise<JsonValue[]> {
  const { dependencies, plan, wanted, name, signal } = options;
  const source: SourcePlan = wanted.source;
  const functions = await taskTransformFunctions(dependencies, plan);
  const values: JsonValue[] = [];
  for await (const row of openSource({ source, functions, environment: dependencies.environment, signal })) {
    if (!row.ok) continue;
    const found = wanted.columns.map((column) => row.row[column]).filter((value) => value !== undefined);
    // Of several columns the sampler draws one for each record.
    if (found.length > 0) values.push(wanted.columns.length === 1 ? found[0]! : found);
    if (values.length > MOST_SAMPLER_VALUES) break;
  }
  if (values.length > 0 && values.length <= MOST_SAMPLER_VALUES) return values;
  const amount = values.length === 0 ? 'no values' : `more than ${MOST_SAMPLER_VALUES} values`;
  throw new SyngraphError({ code: 'SOURCE_INVALID', message: `the sampler ${name} finds ${amount} in ${wanted.columns.join(', ')} of its source` });
}

function lastSegment(workflowId: string): string {
  return workflowId.slice(workflowId.lastIndexOf('/') + 1);
}

function runExists(reference: RunReference): SyngraphError {
  return new SyngraphError({
    code: 'RUN_EXISTS',
    message: `there is a run ${reference.pipeline}/${reference.run} already`,
    nextStep: 'Resume it with --resume, or choose another --run-id.',
  });
}
