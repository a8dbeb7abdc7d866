import { randomInt } from 'node:crypto';
import { SyngraphError } from '../../pipeline/errors.ts';

/** A run of a pipeline as people name it: `<pipeline>/<run>`, which is also its workflow's id. */
export interface RunName {
  pipeline: string;
  run: string;
}

/** Runs of `syngraph preview`, which lists leave out. */
export const PREVIEW_PREFIX = 'preview-';

/** Without vowels, so that no words come out, and without what is easily mistaken for something else. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

/** E.g. `20261121-1303-x7k2`, local time: sorts by time, and two at once differ. */
export function newRunId(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}-${two(now.getHours())}${two(now.getMinutes())}-${randomLetters(4)}`;
}

export function newPreviewId(): string {
  return `${PREVIEW_PREFIX}${randomLetters(6)}`;
}

/** @throws SyngraphError USAGE for an id that cannot name a folder and a workflow */
export function checkRunId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) return id;
  throw new SyngraphError({
    code: 'USAGE',
    message: `${JSON.stringify(id.slice(0, 120))} cannot be a run id`,
    nextStep: 'Use at most 100 letters, digits, dots, dashes and underscores, the first a letter or digit.',
  });
}

export function workflowIdOf({ pipeline, run }: RunName): string {
  return `${pipeline}/${run}`;
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
