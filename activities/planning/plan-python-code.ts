import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';

import type { FunctionUse } from '../../pipeline/compile-pipeline.ts';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { PythonPlan } from '../../pipeline/plan.ts';
import { canonicalJson } from '../../pipeline/plan-hash.ts';
import { findPython } from '../functions/python/find-python.ts';
import { pathInRoots, pythonModule, pythonRoots } from '../functions/python/python-module.ts';
import { scanPythonCode, type PythonScan } from '../functions/python/scan-python-code.ts';
import type { Store } from '../store/store.ts';
import { pythonKey } from './load-code.ts';
import { shownPath } from './task-file.ts';

export interface PlanPythonCodeOptions {
  /** Those of Python files. */
  functions: FunctionUse[];
  store: Store;
  taskFolder: string;
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
  /** What helpers may ask for of the pipeline. */
  graphProperties: JsonObject;
}

export interface PlannedPythonCode {
  /** null where there are diagnostics. */
  plan: PythonPlan | null;
  diagnostics: Diagnostic[];
}

/** Collects the Python modules that a plan needs and keeps them in the store under the hash of their content. */
export async function planPythonCode(options: PlanPythonCodeOptions): Promise<PlannedPythonCode> {
  const { functions, store, taskFolder, workingDirectory, environment, graphProperties } = options;
  const python = await findPython(environment);
  const uses = [...new Map(functions.map((use) => [use.file, use])).values()];
  const modules = uses.map(({ specifier, file }) => pythonModule({ specifier: specifier.slice(specifier.lastIndexOf('\0') + 1), file, workingDirectory }));
  const roots = pythonRoots(modules, workingDirectory);
  const folders = Object.assign({}, ...modules.map((named) => named.folders)) as Record<string, string>;
  const scan = await scanPythonCode({ python, environment, request: { entries: modules, roots, folders, collect: true } });
  const diagnostics = faultsOf(scan, { python, workingDirectory });
  if (diagnostics.length > 0) return { plan: null, diagnostics };
  const root = roots[0] ?? workingDirectory;
  const archive = canonicalJson({
    task: relative(root, taskFolder).split(sep).join('.'),
    graphProperties,
    entries: Object.fromEntries(uses.map(({ reference }, index) => [reference.slice(0, reference.lastIndexOf('#')), modules[index]?.module ?? ''])),
    files: scan.files
      .map(({ module, file, package: isPackage, text }) => ({ module, path: pathInRoots(file, roots), package: isPackage, text }))
      .sort((left, right) => (left.module < right.module ? -1 : 1)),
  });
  const hash = createHash('sha256').update(archive).digest('hex');
  if ((await store.size(pythonKey(hash))) === null) await store.write(pythonKey(hash), archive);
  return { plan: { hash, folder: root }, diagnostics };
}

function faultsOf(scan: PythonScan, { python, workingDirectory }: { python: string; workingDirectory: string }): Diagnostic[] {
  const broken = scan.modules.flatMap((module) => ('fault' in module ? [module.fault] : []));
  const place = { code: 'MODULE_BROKEN', severity: 'error', column: 1 } as const;
  return [
    ...broken.map(({ message, file, line }): Diagnostic => ({ ...place, message, file: shownPath(file, workingDirectory), line })),
    ...scan.missing.map(({ module, file, line }): Diagnostic => {
      const isSygra = module.split('.')[0] === 'sygra';
      return {
        ...place,
        message: isSygra ? `Of SyGra's own modules "${module}" is not provided` : `${python} has no module "${module}"`,
        hint: isSygra
          ? 'What helpers usually import of SyGra is there without SyGra; port what needs this one, or leave the import out.'
          : `Install what provides it, usually: ${python} -m pip install ${module.split('.')[0]}; or name another Python in SYNGRAPH_PYTHON.`,
        file: shownPath(file, workingDirectory),
        line,
      };
    }),
  ];
}
