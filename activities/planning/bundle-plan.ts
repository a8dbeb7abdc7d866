import type { FunctionUse } from '../../pipeline/compile-pipeline.ts';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import type { ExportFact, PipelineFacts } from '../../pipeline/facts.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { BundlePlan, FunctionKind, FunctionReference } from '../../pipeline/plan.ts';
import { bundleFunctions } from '../functions/bundle-functions.ts';
import { isBuildFailure } from '../functions/build-messages.ts';
import { createFunctionHost } from '../functions/create-function-host.ts';
import type { FunctionCall, FunctionHost } from '../functions/function-host.ts';
import { isPython } from '../functions/python/is-python.ts';
import { DESCRIBE_TOOLS_METHOD, KIND_METHOD, KINDS_REFERENCE } from '../functions/thread-protocol.ts';
import type { Store } from '../store/store.ts';
import { buildDiagnostics } from './build-diagnostics.ts';
import { bundleKey, loadCode, type TaskCode } from './load-code.ts';
import { planPythonCode } from './plan-python-code.ts';
import { shownPath } from './task-file.ts';

export interface BundlePlanOptions {
  functions: FunctionUse[];
  facts: PipelineFacts;
  store: Store;
  taskFolder: string;
  workingDirectory: string;
  /** The pipeline file as messages show it. */
  shownFile: string;
  environment: NodeJS.ProcessEnv;
  graphProperties: JsonObject;
}

export interface BundlePlanResult {
  /** null where there are diagnostics. */
  bundle: BundlePlan | null;
  /** The facts that were given, or others with what was found out since. */
  facts: PipelineFacts;
  diagnostics: Diagnostic[];
}

/** Bundles the functions of a plan into the store, and finds out what those are that could not be told by reading. */
export async function bundlePlan(options: BundlePlanOptions): Promise<BundlePlanResult> {
  const { functions, store, taskFolder, workingDirectory, shownFile } = options;
  const failed = (diagnostics: Diagnostic[]): BundlePlanResult => ({ bundle: null, facts: options.facts, diagnostics });
  try {
    const inPython = functions.filter(({ reference }) => isPython(reference));
    const python = inPython.length === 0 ? null : await planPythonCode({ ...options, functions: inPython });
    if (python !== null && python.plan === null) return failed(python.diagnostics);
    const others = functions.filter(({ reference }) => !isPython(reference));
    const { code, hash } = await bundleFunctions({ taskFolder, functions: others, shownFrom: workingDirectory });
    if ((await store.size(bundleKey(hash))) === null) await store.write(bundleKey(hash), code);
    const bundle: BundlePlan = { hash, functions: {}, ...(python?.plan ? { python: python.plan } : {}) };
    const { kinds, diagnostics } = await findKinds(options, await loadCode(store, { bundle }));
    if (diagnostics.length > 0) return failed(diagnostics);
    return { bundle: { ...bundle, functions: kinds }, facts: completeFacts(options, kinds), diagnostics };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isBuildFailure(cause)) throw error;
    return failed(buildDiagnostics(cause, { taskFolder, workingDirectory, shownFile }));
  }
}

/** Runs the task's modules only if reading them was not enough. */
async function findKinds(options: BundlePlanOptions, code: TaskCode): Promise<Pick<BundlePlanResult, 'diagnostics'> & { kinds: BundlePlan['functions'] }> {
  const { functions, facts } = options;
  const known = functions.map((use) => ({ use, kind: use.exportName === '*' ? ('module' as const) : (exportFact(facts, use)?.kind ?? 'unknown') }));
  const untold = known.filter(({ kind }) => kind === 'unknown').map(({ use }) => use);
  const tools = functions.filter((use) => use.tool === true);
  const kinds: Record<FunctionReference, FunctionKind> = {};
  const diagnostics: Diagnostic[] = [];
  const host = createFunctionHost({ threads: 1, pythonProcesses: 1, environment: options.environment });
  try {
    const run = await runForKinds(host, code, untold);
    for (const { use, kind } of known) {
      const found = kind === 'unknown' ? run.kinds[use.reference] : kind;
      if (found) kinds[use.reference] = found;
      else diagnostics.push(unusable(options, use, run.failure));
    }
    if (diagnostics.length === 0) diagnostics.push(...(await findWrongTools({ ...options, functions: tools }, host, code)));
  } finally {
    await host.close();
  }
  return { kinds, diagnostics };
}

/** Only running it tells whether an export is a tool, and what its arguments are. */
async function findWrongTools(options: BundlePlanOptions, host: FunctionHost, code: TaskCode): Promise<Diagnostic[]> {
  const found = await Promise.all(
    options.functions.map(async (use): Promise<Diagnostic | null> => {
      const [outcome] = await host.callEach({ ...callable(code), function: use.reference, method: DESCRIBE_TOOLS_METHOD }, [[]]);
      if (outcome?.ok === true) return null;
      const message = (outcome?.message ?? 'no answer').replace(/^TypeError: /, '');
      return { ...placeOf(options, use), code: 'WRONG_EXPORT', message, hint: TOOL_HINT };
    }),
  );
  return found.filter((diagnostic) => diagnostic !== null);
}

const TOOL_HINT = 'A tool is an export such as { description, parameters: z.object({ … }), execute }.';

interface FoundKinds {
  kinds: Record<string, FunctionKind | null>;
  failure: string | null;
}

async function runForKinds(host: FunctionHost, code: TaskCode, untold: FunctionUse[]): Promise<FoundKinds> {
  const found: FoundKinds = { kinds: {}, failure: null };
  const inPython = untold.filter(({ reference }) => isPython(reference));
  if (inPython.length < untold.length) {
    const [outcome] = await host.callEach({ ...callable(code), function: KINDS_REFERENCE }, [[]]);
    if (outcome?.ok === true) Object.assign(found.kinds, outcome.value);
    else found.failure = outcome?.message ?? 'no answer';
  }
  for (const { reference } of inPython) {
    const [outcome] = await host.callEach({ ...callable(code), function: reference, method: KIND_METHOD }, [[]]);
    if (outcome?.ok === true) found.kinds[reference] = outcome.value as FunctionKind | null;
    else found.failure = outcome?.message ?? 'no answer';
  }
  return found;
}

function callable({ bundlePath, python }: TaskCode): Pick<FunctionCall, 'bundlePath' | 'python'> {
  return { bundlePath: bundlePath ?? '', ...(python === null ? {} : { python }) };
}

function unusable(options: BundlePlanOptions, use: FunctionUse, failure: string | null): Diagnostic {
  const place = placeOf(options, use);
  if (failure !== null) return { ...place, code: 'MODULE_BROKEN', message: failure };
  const message = `"${use.exportName}" is neither a function nor a class nor a zod schema`;
  return { ...place, code: 'WRONG_EXPORT', message, hint: use.tool === true ? TOOL_HINT : 'Export what the pipeline names it as.' };
}

function placeOf(options: BundlePlanOptions, use: FunctionUse): Pick<Diagnostic, 'severity' | 'file' | 'line' | 'column'> {
  return { severity: 'error', file: shownPath(use.file, options.workingDirectory), line: 1, column: 1 };
}

function completeFacts(
  { functions, facts }: BundlePlanOptions,
  kinds: Record<FunctionReference, FunctionKind>,
): PipelineFacts {
  const found = functions.filter((use) => exportFact(facts, use)?.kind === 'unknown');
  if (found.length === 0) return facts;
  const modules = { ...facts.modules };
  for (const { specifier, exportName, reference } of found) {
    const fact = modules[specifier];
    const kind = kinds[reference];
    if (fact?.status !== 'found' || kind === undefined) continue;
    modules[specifier] = { ...fact, exports: { ...fact.exports, [exportName]: { kind } } };
  }
  return { ...facts, modules };
}

function exportFact(facts: PipelineFacts, { specifier, exportName }: FunctionUse): ExportFact | undefined {
  const fact = facts.modules[specifier];
  return fact?.status === 'found' ? fact.exports[exportName] : undefined;
}
