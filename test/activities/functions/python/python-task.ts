import { join } from 'node:path';

import type { PythonCode } from '../../../../activities/functions/function-host.ts';
import { loadCode } from '../../../../activities/planning/load-code.ts';
import { planPythonCode } from '../../../../activities/planning/plan-python-code.ts';
import { createFolderStore } from '../../../../activities/store/folder-store.ts';
import { makeTaskFolder, type TaskFolder } from '../task-bundle.ts';

export interface PythonTask {
  task: TaskFolder;
  code: PythonCode;
}

/** A working directory with the files, and the archive of tasks/demo/task_executor.py. */
export async function makePythonTask(files: Record<string, string>): Promise<PythonTask> {
  const task = await makeTaskFolder(files);
  const store = createFolderStore(join(task.folder, '.syngraph'));
  const { plan, diagnostics } = await planPythonCode({
    functions: [
      {
        reference: 'task_executor.py#Any',
        specifier: 'tasks.demo.task_executor',
        exportName: 'Any',
        file: join(task.folder, 'tasks/demo/task_executor.py'),
      },
    ],
    store,
    taskFolder: join(task.folder, 'tasks/demo'),
    workingDirectory: task.folder,
    environment: process.env,
    graphProperties: { rounds: 3 },
  });
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  const { python } = await loadCode(store, { bundle: { hash: '', functions: {}, python: plan } });
  if (python === null) throw new Error('no Python code');
  return { task, code: python };
}
