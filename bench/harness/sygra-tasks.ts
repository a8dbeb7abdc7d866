import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

/**
 * Puts SyGra's `tasks/`, or other parts of it, into a folder: from the checkout that SYGRA_HOME names, or from the newest commit
 * of the git directory that SYGRA_GIT names. Nothing of them is kept in this repository.
 * @returns the commit, or null for a checkout
 */
export async function putSygraTasks(folder: string, parts: readonly string[] = ['tasks']): Promise<string | null> {
  const { SYGRA_HOME: home, SYGRA_GIT: git } = process.env;
  if (home !== undefined) {
    for (const part of parts) await cp(join(home, part), join(folder, part), { recursive: true });
    return null;
  }
  if (git === undefined) throw new Error('Set SYGRA_HOME to a checkout of SyGra, or SYGRA_GIT to a git directory of one.');
  const { stdout: list } = await promisify(execFile)('git', ['-C', git, 'ls-tree', '-r', '-z', 'HEAD', ...parts], { maxBuffer: 64 * 1024 * 1024 });
  for (const line of list.split('\0').filter((entry) => entry !== '')) {
    const [head = '', path = ''] = line.split('\t');
    const content = await blob(git, head.split(' ')[2] ?? '');
    // A partial clone lacks large files.
    if (content === null) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const { stdout: commit } = await promisify(execFile)('git', ['-C', git, 'rev-parse', 'HEAD']);
  return commit.trim();
}

async function blob(git: string, hash: string): Promise<Buffer | null> {
  const child = spawn('git', ['-C', git, 'cat-file', 'blob', hash], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [content, [exitCode]] = await Promise.all([buffer(child.stdout), once(child, 'close') as Promise<[number]>]);
  return exitCode === 0 ? content : null;
}
