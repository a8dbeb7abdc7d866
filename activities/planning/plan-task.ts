import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { compilePipeline } from '../../pipeline/compile-pipeline.ts';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import { hasErrors, sortDiagnostics } from '../../pipeline/diagnostics.ts';
import type { PipelineFacts } from '../../pipeline/facts.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { ParsedPipeline } from '../../pipeline/parsed-pipeline.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { canonicalJson, planHash } from '../../pipeline/plan-hash.ts';
import { readPipeline } from '../../pipeline/read-pipeline.ts';
import type { YamlPlaces } from '../../pipeline/yaml-source.ts';
import { withBundler } from '../functions/bundler-service.ts';
import type { Store } from '../store/store.ts';
import { bundlePlan } from './bundle-plan.ts';
import { gatherFacts } from './gather-facts.ts';
import { planKey } from './load-plan.ts';
import { readBeginning } from './read-beginning.ts';
import { findTaskFile } from './task-file.ts';
import type { TaskFile } from './task-file.ts';

/** Source text that is shown with diagnostics. */
const MOST_BYTES_SHOWN = 1024 * 1024;

export interface PlanTaskOptions {
  /** A task folder, a YAML file, or SyGra's spelling such as `tasks.examples.foo`. */
  task: string;
  /** Given with `--models`; relative to the working directory. */
  modelsFile?: string;
  /** As of `readPipeline`. */
  places?: (own: YamlPlaces) => YamlPlaces;
  store: Store;
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
}

export interface PlanTaskResult {
  /** null where a diagnostic is an error. */
  plan: Plan | null;
  planHash: string | null;
  diagnostics: Diagnostic[];
  /** Text of the files that diagnostics name, for rendering them. */
  sources: Map<string, string>;
}

interface Compiled {
  plan: Plan | null;
  diagnostics: Diagnostic[];
}

/**
 * Compiles a task and keeps its plan and the bundle of its functions in the store, under their
 * hashes. What is wrong with the pipeline comes back as diagnostics, all of it at once.
 * @throws SyngraphError TASK_NOT_FOUND, MODELS_INVALID, and those of the store
 */
export async function planTask(options: PlanTaskOptions): Promise<PlanTaskResult> {
  const { store } = options;
  const workingDirectory = resolve(options.workingDirectory);
  const task = await findTaskFile(options.task, workingDirectory);
  const content = await readBeginning(task.path);
  const { parsed, diagnostics } = readPipeline({ file: task.shown, content, taskFolder: task.folder, ...(options.places && { places: options.places }) });
  const sources = new Map([[task.shown, content.toString('utf8')]]);
  if (parsed === null) return { plan: null, planHash: null, diagnostics, sources };
  const compiled = await withBundler(async () => {
    const facts = await gatherFacts({ ...options, parsed, path: task.path, workingDirectory });
    if (facts.models !== null) sources.set(facts.models.file, facts.models.text);
    const { environment } = options;
    return compileWithCode({ parsed, facts, task, store, workingDirectory, environment, readerFailed: hasErrors(diagnostics) });
  });
  const all = sortDiagnostics([...diagnostics, ...compiled.diagnostics]);
  await addSources(sources, all, workingDirectory);
  const { plan } = compiled;
  if (plan === null || hasErrors(all)) return { plan: null, planHash: null, diagnostics: all, sources };
  return { plan, planHash: await storePlan(store, plan), diagnostics: all, sources };
}

interface CompileOptions {
  parsed: ParsedPipeline;
  facts: PipelineFacts;
  task: TaskFile;
  store: Store;
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
  readerFailed: boolean;
}

async function compileWithCode(options: CompileOptions): Promise<Compiled> {
  const { parsed, facts, task, store, workingDirectory, environment, readerFailed } = options;
  const { pipelineName } = task;
  const { plan, functions, diagnostics } = compilePipeline({ parsed, facts, pipelineName });
  if (plan === null || readerFailed || functions.length === 0) return { plan, diagnostics };
  const bundle = await bundlePlan({
    functions,
    facts,
    store,
    taskFolder: task.folder,
    workingDirectory,
    shownFile: task.shown,
    environment,
    graphProperties: { ...parsed.config.graph_config.graph_properties } as JsonObject,
  });
  if (bundle.bundle === null) return { plan: null, diagnostics: [...diagnostics, ...bundle.diagnostics] };
  // Exports that had to be run to be told may turn out to be of a kind that their place does not take.
  const final =
    bundle.facts === facts ? { plan, diagnostics } : compilePipeline({ parsed, facts: bundle.facts, pipelineName });
  if (final.plan === null) return final;
  return {
    plan: { ...final.plan, bundle: bundle.bundle },
    diagnostics: final.diagnostics,
  };
}

async function storePlan(store: Store, plan: Plan): Promise<string> {
  const hash = planHash(plan);
  if ((await store.size(planKey(hash))) === null) await store.write(planKey(hash), canonicalJson(plan));
  return hash;
}

/** Modules of the task that a diagnostic points into. */
async function addSources(
  sources: Map<string, string>,
  diagnostics: Diagnostic[],
  workingDirectory: string,
): Promise<void> {
  for (const file of new Set(diagnostics.map((diagnostic) => diagnostic.file))) {
    if (sources.has(file)) continue;
    const text = await readFile(resolve(workingDirectory, file), 'utf8').catch(() => null);
    if (text !== null && text.length <= MOST_BYTES_SHOWN) sources.set(file, text);
  }
}
