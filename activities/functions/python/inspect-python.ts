import { SyngraphError } from '../../../pipeline/errors.ts';
import type { ModuleFact } from '../../../pipeline/facts.ts';
import { findPython } from './find-python.ts';
import { pathInRoots, pythonModule, pythonRoots, type PythonModuleOptions } from './python-module.ts';
import { scanPythonCode } from './scan-python-code.ts';

/** What a Python module of the task defines, told without running it. */
export async function inspectPython(options: PythonModuleOptions & { environment: NodeJS.ProcessEnv }): Promise<ModuleFact> {
  const { file, workingDirectory, environment } = options;
  const broken = (message: string): ModuleFact => ({ status: 'broken', file, message });
  try {
    const python = await findPython(environment);
    const named = pythonModule(options);
    const roots = pythonRoots([named], workingDirectory);
    const request = { entries: [named], roots, folders: named.folders, collect: false };
    const { modules } = await scanPythonCode({ python, environment, request });
    const found = modules[0];
    if (found !== undefined && 'exports' in found) return { status: 'found', file, exports: found.exports };
    const { fault } = found ?? { fault: { message: 'it was not read', file, line: 1 } };
    return broken(`${pathInRoots(fault.file, roots)}:${fault.line}: ${fault.message}`);
  } catch (error) {
    if (!(error instanceof SyngraphError) || error.code !== 'PYTHON_MISSING') throw error;
    return broken(`${error.message}. ${error.nextStep ?? ''}`);
  }
}
