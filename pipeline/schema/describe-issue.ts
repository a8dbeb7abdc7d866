import type { z } from 'zod';
import type { DiagnosticCode } from '../diagnostics.ts';
import { nearestName } from '../nearest-name.ts';
import { isSecretKey } from '../secret-text.ts';
import type { Report, YamlPath } from '../yaml-source.ts';
import { LATER_MODEL_TYPES } from './model-schema.ts';
import { LATER_NODE_TYPES } from './node-schema.ts';
import { strictObjectFacts } from './strict-object.ts';

type Issue = z.core.$ZodIssue;

/** A report on a key that is missing from the mapping at `path`, or that it does not know, names it. */
export interface ShapeReport extends Report {
  missing?: string;
  unknown?: string;
}

/** Types that SyGra has and this version does not carry out, by the key that names them. */
const LATER_TYPES: Record<string, readonly string[]> = {
  node_type: LATER_NODE_TYPES,
  type: ['servicenow'],
  model_type: LATER_MODEL_TYPES,
};

/** What is wrong, for people, from what Zod says; `root` is the whole file as plain values. */
export function describeIssues(issues: readonly Issue[], root: unknown): ShapeReport[] {
  const reports = issues.flatMap((issue) => describeIssue(issue, root));
  // A key that is misspelt would else be missing as well.
  return reports.filter(
    ({ missing, path }) =>
      missing === undefined ||
      !reports.some(
        (other) =>
          other.unknown !== undefined && isInside(other.path, path) && nearestName(other.unknown, [missing]) !== null,
      ),
  );
}

function isInside(path: YamlPath, parent: YamlPath): boolean {
  return path.length === parent.length + 1 && parent.every((step, index) => step === path[index]);
}

function describeIssue(issue: Issue, root: unknown): ShapeReport[] {
  const path = issue.path as YamlPath;
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.flatMap((unknown) =>
        describeUnknownKey({ path, key: unknown, value: valueAt(root, [...path, unknown]), name: issue.message }),
      );
    case 'invalid_union': {
      const branch = likelyBranch(issue, value);
      if (branch !== null)
        return branch.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, root));
      if (value === undefined) return [missingKey(path)];
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.filter((option) => option !== undefined).map(String) : null;
      return [options === null ? wrongType(path, issue.message, value) : wrongChoice({ path, value, options })];
    }
    case 'invalid_value':
      return [value === undefined ? missingKey(path) : wrongChoice({ path, value, options: issue.values.filter((option) => option !== undefined).map(String) })];
    case 'invalid_type':
      return [
        value === undefined ? missingKey(path) : wrongType(path, `expected ${expectedName(issue.expected)}`, value),
      ];
    case 'too_small':
    case 'too_big':
      return [
        {
          code: path.includes('weights') ? 'BAD_WEIGHTS' : 'WRONG_VALUE',
          path,
          message: `${subjectOf(path)} is ${show(value)}, ${boundText(issue)}`,
        },
      ];
    default:
      return [value === undefined ? missingKey(path) : wrongType(path, issue.message, value)];
  }
}

/** Of a choice between forms the one that the author wrote: whose own type fits. */
function likelyBranch(issue: Extract<Issue, { code: 'invalid_union' }>, value: unknown): Issue[] | null {
  // No word is meant where a mapping or a list stands.
  const isWord = typeof value !== 'object' || value === null;
  const fitting = issue.errors.filter(
    (errors) => !errors.some(({ path, code }) => path.length === 0 && (code === 'invalid_type' || (code === 'invalid_value' && !isWord))),
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function describeUnknownKey(unknown: { path: YamlPath; key: string; value: unknown; name: string }): ShapeReport[] {
  const { key, value, name } = unknown;
  const path = [...unknown.path, key];
  // As in Docker Compose: a place for anchors.
  if (unknown.path.length === 0 && key.startsWith('x-')) return [];
  const { allowed, unsupported } = strictObjectFacts(name);
  const known = Object.hasOwn(unsupported, key) ? unsupported[key] : undefined;
  const target = { part: 'key' } as const;
  if (known !== undefined) {
    if (known.harmless?.(value) === true) return [];
    const error = known.level === 'error';
    const code = error ? 'NOT_SUPPORTED_YET' : 'IGNORED_KEY';
    const text = known.message ?? (error ? 'is not supported yet' : 'has no effect here and is ignored');
    return [
      {
        code: known.message === undefined ? code : 'UNKNOWN_KEY',
        severity: known.level,
        path,
        target,
        message: `"${key}" ${text}`,
        hint: known.hint,
      },
    ];
  }
  const nearest = nearestName(key, [...allowed, ...Object.keys(unsupported)]);
  const hint = nearest === null ? 'Remove it.' : `Did you mean "${nearest}"?`;
  return [{ code: 'UNKNOWN_KEY', unknown: key, path, target, message: `${name} has no key "${key}"`, hint, allowed }];
}

function missingKey(path: YamlPath): ShapeReport {
  const key = String(path.at(-1) ?? '');
  const parent = path.at(-2);
  const where =
    parent === undefined
      ? ''
      : typeof parent === 'number'
        ? ` in item ${parent + 1} of "${String(path.at(-3))}"`
        : ` in "${parent}"`;
  return {
    code: 'MISSING_KEY',
    missing: key,
    path: path.slice(0, -1),
    target: { part: 'key' },
    message: `"${key}" is missing${where}`,
    hint: `Add ${key}.`,
  };
}

function wrongType(path: YamlPath, expected: string, value: unknown): Report {
  const code: DiagnosticCode = path.includes('weights') ? 'BAD_WEIGHTS' : 'WRONG_TYPE';
  const got = path.some((step) => isSecretKey(String(step))) ? 'something else' : show(value);
  return { code, path, message: `${subjectOf(path)}: ${expected}, got ${got}` };
}

function wrongChoice(choice: { path: YamlPath; value: unknown; options: string[] }): Report {
  const { path, value, options } = choice;
  const key = String(path.at(-1));
  const later = LATER_TYPES[key] ?? [];
  if (typeof value === 'string' && later.includes(value)) {
    return {
      code: 'NOT_SUPPORTED_YET',
      path,
      message: `The ${key} "${value}" is not supported yet`,
      hint: 'Use one that is, or leave this out.',
      allowed: options,
    };
  }
  const nearest = typeof value === 'string' ? nearestName(value, [...options, ...later]) : null;
  const message = key === 'node_type' ? `There is no node type ${show(value)}` : `${subjectOf(path)} cannot be ${show(value)}`;
  const code: DiagnosticCode = key === 'node_type' ? 'UNKNOWN_NODE_TYPE' : 'WRONG_VALUE';
  return {
    code,
    path,
    message,
    hint: nearest === null ? 'Use one of the allowed values.' : `Did you mean "${nearest}"?`,
    allowed: options,
  };
}

function subjectOf(path: YamlPath): string {
  const key = path.at(-1);
  if (key === undefined) return 'This file';
  return typeof key === 'number' ? `Item ${key + 1} of "${String(path.at(-2))}"` : `"${key}"`;
}

function boundText(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : '';
  if (issue.code === 'too_small')
    return issue.inclusive === false
      ? `expected more than ${issue.minimum}${unit}`
      : `expected at least ${issue.minimum}${unit}`;
  return issue.inclusive === false
    ? `expected less than ${issue.maximum}${unit}`
    : `expected at most ${issue.maximum}${unit}`;
}

const EXPECTED: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function expectedName(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

/** A value in a few words; long texts are not repeated, since they may hold anything. */
function show(value: unknown): string {
  if (typeof value === 'string') return value.length <= 60 ? JSON.stringify(value) : 'a long text';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null) return 'nothing';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a mapping';
}

export function valueAt(root: unknown, path: YamlPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
