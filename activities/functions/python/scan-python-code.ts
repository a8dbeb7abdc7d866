import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { SyngraphError } from '../../../pipeline/errors.ts';
import type { ExportFact } from '../../../pipeline/facts.ts';
import { pythonFolder } from './python-folder.ts';

export interface ScanOptions {
  python: string;
  environment: NodeJS.ProcessEnv;
  request: PythonScanRequest;
}

export interface PythonScanRequest {
  /** Modules that the pipeline names: dotted name and absolute file. */
  entries: { module: string; file: string }[];
  /** Absolute folders that dotted names start from, the first one first. */
  roots: string[];
  /** Package to the absolute folder that it is in, where that bears another name. */
  folders: Record<string, string>;
  /** Whether the text of all that is needed is wanted too. */
  collect: boolean;
}

export interface PythonScan {
  /** By position in `entries`. */
  modules: ({ exports: Record<string, ExportFact> } | { fault: PythonFault })[];
  files: PythonFile[];
  /** Imports that nothing provides. */
  missing: { module: string; file: string; line: number }[];
}

export interface PythonFile {
  module: string;
  /** Absolute. */
  file: string;
  package: boolean;
  text: string;
}

export interface PythonFault {
  message: string;
  file: string;
  line: number;
}

/** Reads Python modules and what they import, without running them. */
export async function scanPythonCode({ python, environment, request }: ScanOptions): Promise<PythonScan> {
  const child = spawn(python, [join(pythonFolder(), 'scan_code.py')], {
    env: { ...environment, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' },
    windowsHide: true,
  });
  // What is wrong shows in its exit code and on its standard error.
  child.stdin.on('error', () => undefined).end(JSON.stringify(request));
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const [answer, complaint, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (exitCode === 0) return JSON.parse(answer) as PythonScan;
  throw new SyngraphError({
    code: 'INTERNAL',
    message: `${python} cannot read the task's code: ${complaint.trim().split('\n').at(-1) ?? `exit code ${exitCode}`}`,
  });
}
