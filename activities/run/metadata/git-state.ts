import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Which version of a task's files was run. */
export interface GitState {
  commit: string;
  /** null where no branch is checked out. */
  branch: string | null;
  /** Files of the task have changes that are in no commit. */
  isDirty: boolean;
}

const LONGEST_MILLISECONDS = 5_000;
const MOST_BYTES = 4 * 1024 * 1024;

const run = promisify(execFile);

/** null where there is no repository with a commit, or no git. */
export async function readGitState(folder: string): Promise<GitState | null> {
  // A monitor that the repository's settings name would be a program of its own; locks would disturb others.
  const words = ['-c', 'core.fsmonitor=false', '--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--', '.'];
  let lines: string[];
  try {
    const { stdout } = await run('git', words, { cwd: folder, timeout: LONGEST_MILLISECONDS, maxBuffer: MOST_BYTES });
    lines = stdout.split('\n');
  } catch {
    // What a run is does not depend on it.
    return null;
  }
  const header = (name: string): string | null => lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length) ?? null;
  const commit = header('oid');
  if (commit === null || !/^[0-9a-f]{40,64}$/.test(commit)) return null;
  const branch = header('head');
  return { commit, branch: branch === '(detached)' ? null : branch, isDirty: lines.some((line) => line !== '' && !line.startsWith('#')) };
}
