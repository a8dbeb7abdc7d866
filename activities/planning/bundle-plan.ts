import type { FunctionUse } from '../../pipeline/compile-pipeline.ts';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import type { ExportFact, PipelineFacts } from '../../pipeline/facts.ts';
import type { FunctionKind, FunctionReference } from '../../pipeline/plan.ts';
import { bundleFunctions } from '../functions/bundle-functions.ts';
import { isBuildFailure } from '../functions/build-messages.ts';
import { createFunctionHost } from '../functions/create-function-host.ts';
import { DESCRIBE_TOOLS_METHOD, KINDS_REFERENCE } from '../functions/thread-protocol.ts';
import type { Store } from '../store/store.ts';
import { buildDiagnostics } from './build-diagnostics.ts';
import { shownPath } from './task-file.ts';

export interface BundlePlanOptions {
  functions: FunctionUse[];
  facts: PipelineFacts;
  store: Store;
  taskFolder: string;
  workingDirectory: string;
  /** The pipeline file as messages show it. */
  shownFile: string;
}

export interface BundlePlanResult {
  /** null where there are diagnostics. */
  hash: string | null;
  kinds: Record<FunctionReference, FunctionKind>;
  /** The facts that were given, or others with what was found out since. */
  facts: PipelineFacts;
  diagnostics: Diagnostic[];
}

/** Bundles the functions of a plan into the store, and finds out what those are that could not be told by reading. */
export async function bundlePlan(options: BundlePlanOptions): Promise<BundlePlanResult> {
  const { functions, store, taskFolder, workingDirectory, shownFile } = options;
  const failed = (diagnostics: Diagnostic[]): BundlePlanResult => ({
    hash: null,
    kinds: {},
    facts: options.facts,
    diagnostics,
  });
  try {
    const { code, hash } = await bundleFunctions({ taskFolder, functions, shownFrom: workingDirectory });
    const key = `bundles/${hash}.mjs`;
    if ((await store.size(key)) === null) await store.write(key, code);
    const { kinds, diagnostics } = await findKinds(options, await store.localPath(key));
    return diagnostics.length > 0
      ? failed(diagnostics)
      : { hash, kinds, facts: completeFacts(options, kinds), diagnostics };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isBuildFailure(cause)) throw error;
    return failed(buildDiagnostics(cause, { taskFolder, workingDirectory, shownFile }));
  }
}

/** Runs the task's modules only if reading them was not enough. */
async function findKinds(
  options: BundlePlanOptions,
  bundlePath: string,
): Promise<Pick<BundlePlanResult, 'kinds' | 'diagnostics'>> {
  const { functions, facts } = options;
  const known = functions.map((use) => ({ use, kind: use.exportName === '*' ? ('module' as const) : (exportFact(facts, use)?.kind ?? 'unknown') }));
  const isTold = known.every(({ kind }) => kind !== 'unknown');
  const run = isTold ? { kinds: {}, failure: null } : await runForKinds(bundlePath);
  const kinds: Record<FunctionReference, FunctionKind> = {};
  const diagnostics: Diagnostic[] = [];
  for (const { use, kind } of known) {
    const found = kind === 'unknown' ? run.kinds[use.reference] : kind;
    if (found) kinds[use.reference] = found;
    else diagnostics.push(unusable(options, use, run.failure));
  }
  if (diagnostics.length === 0) diagnostics.push(...(await findWrongTools(options, bundlePath)));
  return { kinds, diagnostics };
}

/** Only running it tells whether an export is a tool, and what its arguments are. */
async function findWrongTools(options: BundlePlanOptions, bundlePath: string): Promise<Diagnostic[]> {
  const tools = options.functions.filter((use) => use.tool === true);
  if (tools.length === 0) return [];
  const host = createFunctionHost({ threads: 1 });
  try {
    const found = await Promise.all(
      tools.map(async (use): Promise<Diagnostic | null> => {
        const [outcome] = await host.callEach({ bundlePath, function: use.reference, method: DESCRIBE_TOOLS_METHOD }, [[]]);
        return outcome?.ok === true ? null : { ...placeOf(options, use), code: 'WRONG_EXPORT', message: outcome?.message ?? 'no answer' };
      }),
    );
    return found.filter((diagnostic) => diagnostic !== null);
  } finally {
    await host.close();
  }
}

async function runForKinds(
  bundlePath: string,
): Promise<{ kinds: Record<string, FunctionKind | null>; failure: string | null }> {
  const host = createFunctionHost({ threads: 1 });
  try {
    const [outcome] = await host.callEach({ bundlePath, function: KINDS_REFERENCE }, [[]]);
    if (outcome?.ok === true) return { kinds: outcome.value as Record<string, FunctionKind | null>, failure: null };
    return { kinds: {}, failure: outcome?.message ?? 'no answer' };
  } finally {
    await host.close();
  }
}

function unusable(options: BundlePlanOptions, use: FunctionUse, failure: string | null): Diagnostic {
  const place = placeOf(options, use);
  if (failure !== null) return { ...place, code: 'MODULE_BROKEN', message: failure };
  const message = `"${use.exportName}" is neither a function nor a class nor a zod schema`;
  return { ...place, code: 'WRONG_EXPORT', message };
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
