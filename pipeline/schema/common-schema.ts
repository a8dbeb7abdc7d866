import { z } from 'zod';
import type { JsonValue } from '../json.ts';
import type { UnsupportedKey } from './strict-object.ts';

/** Numbers and booleans are taken too: YAML reads a node called `1` or `true` as one. */
export const nodeName = z
  .union([z.string().min(1), z.number(), z.boolean()], { error: 'expected the name of a node' })
  .transform(String);

export const nodeNames = z.union([nodeName.transform((name) => [name]), z.array(nodeName)], {
  error: 'expected the name of a node or a list of names',
});

export const names = z.union(
  [
    z
      .string()
      .min(1)
      .transform((name) => [name]),
    z.array(z.string().min(1)),
  ],
  { error: 'expected a name or a list of names' },
);

/** `tasks.examples.foo.task_executor.Bar` or `./functions.ts#bar`. */
export const functionPath = z.string().min(1);

export const jsonValue = z
  .unknown()
  .refine((value) => isJson(value), { error: 'expected a value that JSON can hold; .nan and .inf are none' })
  .transform((value) => value as JsonValue);

export const jsonObject = z.record(z.string(), jsonValue);

export const isOff = (value: unknown): boolean =>
  value === false || value === null || value === 'no' || (Array.isArray(value) && value.length === 0);

/** Keys whose absence changes the data: refused unless switched off. */
export function refused(hint?: string): UnsupportedKey {
  return { level: 'error', harmless: isOff, ...(hint === undefined ? {} : { hint }) };
}

/** Keys that can be left out without changing the data. */
export function ignored(hint: string): UnsupportedKey {
  return { level: 'warning', hint };
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined && typeof value !== 'bigint';
  return Object.values(value).every(isJson);
}
