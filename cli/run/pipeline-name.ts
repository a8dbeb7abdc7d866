import { basename, dirname, resolve } from 'node:path';

/**
 * Name of a task's pipeline without reading the task, which may be broken by now: the folder's
 * name, or that of a YAML file that is not the usual one.
 */
export function pipelineNameOf(task: string, workingDirectory: string): string {
  const isPath = /[/\\]/.test(task) || /\.ya?ml$/i.test(task) || /^\.+$/.test(task);
  const path = isPath ? resolve(workingDirectory, task) : task.replaceAll('.', '/');
  const name = basename(path);
  if (!/\.ya?ml$/i.test(name)) return name;
  const stem = name.replace(/\.ya?ml$/i, '');
  return stem === 'graph_config' || stem === 'pipeline' ? basename(dirname(path)) : stem;
}
