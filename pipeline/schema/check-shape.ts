import type { z } from 'zod';
import type { Diagnostic } from '../diagnostics.ts';
import type { YamlPath, YamlPlaces } from '../yaml-source.ts';
import { describeIssues, valueAt } from './describe-issue.ts';

export interface CheckShapeOptions<Schema extends z.ZodType> {
  schema: Schema;
  value: unknown;
  source: YamlPlaces;
  /** Where `value` stands in the file. Default: it is the file. */
  at?: YamlPath;
}

export interface CheckShapeResult<Output> {
  /** What could be read once the faulty parts were cut out; null where nothing is left. */
  config: Output | null;
  diagnostics: Diagnostic[];
  /** Paths of the parts that were cut out because they are wrong, or that lack something. */
  damaged: YamlPath[];
}

const MAX_ROUNDS = 25;
/** More than anybody reads; bounds the work on a hostile file. */
const MAX_REPORTS = 500;

/**
 * Checks values against a schema and reports every fault with its position. Faulty parts are cut
 * out, smallest first, until the rest fits, so that the compiler can look for more faults in what
 * is sound.
 */
export function checkShape<Schema extends z.ZodType>(
  options: CheckShapeOptions<Schema>,
): CheckShapeResult<z.output<Schema>> {
  const { schema, source, at = [] } = options;
  const value = structuredClone(options.value);
  const diagnostics: Diagnostic[] = [];
  const damaged: YamlPath[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = schema.safeParse(value);
    if (result.success) return { config: result.data, diagnostics, damaged };
    if (round === 0) {
      const reports = describeIssues(result.error.issues.slice(0, MAX_REPORTS), value).slice(0, MAX_REPORTS);
      diagnostics.push(...reports.map((report) => source.diagnose({ ...report, path: [...at, ...report.path] })));
    }
    if (!result.error.issues.every((issue) => cutOut(value, issue, damaged))) break;
  }
  return { config: null, diagnostics, damaged };
}

/** False where nothing can be cut out any more. */
function cutOut(root: unknown, issue: z.core.$ZodIssue, damaged: YamlPath[]): boolean {
  const path = issue.path as YamlPath;
  const unknownKeys = unknownKeysOf(issue);
  if (unknownKeys.length > 0) {
    for (const unknown of unknownKeys) removeAt(root, unknown);
    return true;
  }
  const part = smallestPart(root, path);
  if (part.length === 0) return false;
  damaged.push(part);
  removeAt(root, part);
  return true;
}

/** An unknown key does no harm once it is gone; a union hides it among the faults of its branches. */
function unknownKeysOf(issue: z.core.$ZodIssue): YamlPath[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...(issue.path as YamlPath), key]);
  if (issue.code !== 'invalid_union') return [];
  const branches = issue.errors.filter(
    (errors) => errors.length > 0 && errors.every((error) => unknownKeysOf(error).length > 0),
  );
  const inner = branches.length === 1 ? branches[0]! : [];
  return inner.flatMap((error) => unknownKeysOf(error).map((path) => [...(issue.path as YamlPath), ...path]));
}

/** The nearest thing that exists on the way to a fault: itself, or what lacks it. */
function smallestPart(root: unknown, path: YamlPath): YamlPath {
  for (let length = path.length; length > 0; length -= 1) {
    const part = path.slice(0, length);
    const isItem = typeof part.at(-1) === 'number';
    // Items of a list are never taken out alone: the positions of the others would shift.
    if (!isItem && valueAt(root, part) !== undefined) return part;
    if (isItem && part.at(-2) === 'edges') return part;
  }
  return [];
}

/** An edge is replaced by one that says nothing, so that the others keep their positions. */
const NO_EDGE = { from: 'START', to: [] };

function removeAt(root: unknown, path: YamlPath): void {
  const parent = valueAt(root, path.slice(0, -1));
  const key = path.at(-1)!;
  if (Array.isArray(parent)) parent[Number(key)] = structuredClone(NO_EDGE);
  else if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, key);
}
