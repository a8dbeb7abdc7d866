import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { SyngraphError } from '../../../pipeline/errors.ts';

const OLDEST: [number, number] = [3, 9];
const ANSWER_MILLISECONDS = 20_000;
const QUESTION = 'import json, sys; print(json.dumps([sys.executable, sys.version_info[0], sys.version_info[1]]))';

const known = new Map<string, Promise<string>>();

/**
 * The Python that runs helpers: SYNGRAPH_PYTHON, else that of the active virtual environment, else
 * `python3` or `python` of PATH. Its own path, so that wrappers on PATH are gone through once.
 * @throws SyngraphError PYTHON_MISSING where there is none of 3.9 or later
 */
export function findPython(environment: NodeJS.ProcessEnv): Promise<string> {
  const key = JSON.stringify([environment['SYNGRAPH_PYTHON'], environment['VIRTUAL_ENV'], environment['PATH']]);
  const found = known.get(key) ?? askAll(candidates(environment), environment);
  known.set(key, found);
  // One that is installed meanwhile is found the next time.
  found.catch(() => known.delete(key));
  return found;
}

function candidates(environment: NodeJS.ProcessEnv): string[] {
  const { SYNGRAPH_PYTHON: chosen, VIRTUAL_ENV: virtual } = environment;
  if (chosen) return [chosen];
  const own = virtual ? [process.platform === 'win32' ? join(virtual, 'Scripts', 'python.exe') : join(virtual, 'bin', 'python')] : [];
  return [...own, 'python3', 'python'];
}

async function askAll(commands: string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const reasons: string[] = [];
  for (const command of commands) {
    const answer = await ask(command, environment);
    if ('executable' in answer) return answer.executable;
    reasons.push(`${command}: ${answer.reason}`);
  }
  throw new SyngraphError({
    code: 'PYTHON_MISSING',
    message: `The task's helpers are in Python, and no Python ${OLDEST.join('.')} or later was found (${reasons.join('; ')})`,
    nextStep: `Install Python, for example from python.org, activate its virtual environment, or set SYNGRAPH_PYTHON to the path of one; PATH has ${environment['PATH']?.split(delimiter).length ?? 0} folders. Or port the helpers to TypeScript.`,
  });
}

async function ask(command: string, environment: NodeJS.ProcessEnv): Promise<{ executable: string } | { reason: string }> {
  try {
    const options = { env: environment, timeout: ANSWER_MILLISECONDS, windowsHide: true };
    const { stdout } = await promisify(execFile)(command, ['-c', QUESTION], options);
    const [executable, major, minor] = JSON.parse(stdout) as [string, number, number];
    const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
    return isNewEnough ? { executable } : { reason: `is Python ${major}.${minor}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { reason: code === 'ENOENT' ? 'not found' : message.split('\n')[0] ?? 'does not start' };
  }
}
