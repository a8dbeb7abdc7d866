import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { jsonValidator } from '../../pipeline/json-validator.ts';
import type { FunctionKind, FunctionReference } from '../../pipeline/plan.ts';
import { describeIssues } from './user-failure.ts';

export type CallTarget = (argumentList: unknown[]) => unknown;
type AnyFunction = (...argumentList: unknown[]) => unknown;
type Constructor = new () => Record<string, unknown>;

interface SafeParseResult {
  success: boolean;
  data?: unknown;
  error?: { issues: { path: PropertyKey[]; message: string }[] };
}
export interface Schema {
  safeParse: (value: unknown) => SafeParseResult;
  safeParseAsync: (value: unknown) => Promise<SafeParseResult>;
}

export interface TargetOptions {
  reference: FunctionReference;
  exported: unknown;
  method: string | null;
}

/** How an export of the task's code is called. Runs in function threads; an export that cannot be called raises. */
export function makeCallTarget({ reference, exported, method }: TargetOptions): CallTarget {
  const kind = exportKind(exported);
  if (kind === 'schema' && (method === null || method === 'parse')) return isJsonSchema(exported) ? jsonSchemaTarget(exported) : schemaTarget(exported as Schema);
  if (kind === 'class') return classTarget(exported as Constructor, method ?? 'apply', reference);
  if (kind === 'function') {
    const callee = exported as AnyFunction;
    return (argumentList) => callee(...argumentList);
  }
  if (typeof exported === 'object' && exported !== null) return methodTarget(exported, method ?? 'apply', reference);
  throw new TypeError(
    `${reference} is ${exported === undefined ? 'not exported' : `a ${typeof exported}`}; a function, class or zod schema is needed`,
  );
}

/** As plans have it: an object with methods is used like an instance of a class. null: it cannot be called. */
export function plannedKind(exported: unknown): FunctionKind | null {
  const isInstance = typeof exported === 'object' && exported !== null && methodNames(exported).length > 0;
  return exportKind(exported) ?? (isInstance ? 'class' : null);
}

function exportKind(exported: unknown): FunctionKind | null {
  if (typeof exported === 'function') return isClass(exported) ? 'class' : 'function';
  const isSchema =
    typeof exported === 'object' &&
    exported !== null &&
    'safeParse' in exported &&
    typeof exported.safeParse === 'function';
  return isSchema || isJsonSchema(exported) ? 'schema' : null;
}

/** A JSON schema of an object, exported as it is. */
export function isJsonSchema(exported: unknown): exported is JsonObject {
  return isJsonObject(exported) && !('safeParse' in exported) && exported['type'] === 'object' && isJsonObject(exported['properties']);
}

function jsonSchemaTarget(schema: JsonObject): CallTarget {
  const faultsOf = jsonValidator(schema);
  return ([value]) => {
    const faults = faultsOf(value as JsonValue);
    if (faults === null) return value;
    throw new SchemaMismatch(faults);
  };
}

/** Compiled code may hold classes as plain functions whose prototype carries the methods. */
export function isClass(callee: { prototype?: unknown; toString: () => string }): boolean {
  if (/^class\b/.test(Function.prototype.toString.call(callee))) return true;
  const { prototype } = callee;
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getOwnPropertyNames(prototype).some((name) => name !== 'constructor') &&
    !isGenerator(callee)
  );
}

function isGenerator(callee: object): boolean {
  return /GeneratorFunction$/.test(callee.constructor.name);
}

function classTarget(Class: Constructor, method: string, reference: FunctionReference): CallTarget {
  const ownStatic = findStatic(Class, method);
  const declaredOnInstances = method in (Class.prototype as object);
  if (ownStatic !== null && !declaredOnInstances) return (argumentList) => ownStatic.apply(Class, argumentList);
  return methodTarget(new Class(), method, reference);
}

/** Every function inherits `apply` and `call` from Function, which are not the user's. */
function findStatic(Class: Constructor, method: string): AnyFunction | null {
  for (
    let owner: object | null = Class;
    owner !== null && owner !== Function.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    if (!Object.hasOwn(owner, method)) continue;
    const found = (owner as Record<string, unknown>)[method];
    return typeof found === 'function' ? (found as AnyFunction) : null;
  }
  return null;
}

function methodTarget(instance: object, method: string, reference: FunctionReference): CallTarget {
  const callee = (instance as Record<string, unknown>)[method];
  if (typeof callee !== 'function') {
    throw new TypeError(`${reference} has no method ${method}; it has: ${methodNames(instance).join(', ') || 'none'}`);
  }
  return (argumentList) => (callee as AnyFunction).apply(instance, argumentList);
}

function methodNames(instance: object): string[] {
  const names = new Set<string>();
  for (
    let owner: object | null = instance;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names].sort();
}

/** Raises with zod's issues where the value does not fit. */
export function schemaTarget(schema: Schema): CallTarget {
  return ([value]) => {
    try {
      return parsedValue(schema.safeParse(value));
    } catch (error) {
      // A schema with asynchronous refinements says so only when it is used.
      if (
        !/async/i.test((error as Error).constructor.name + (error as Error).message) ||
        error instanceof SchemaMismatch
      )
        throw error;
      return schema.safeParseAsync(value).then(parsedValue);
    }
  };
}

function parsedValue(result: SafeParseResult): unknown {
  if (result.success) return result.data;
  throw new SchemaMismatch(describeIssues(result.error?.issues ?? []));
}

class SchemaMismatch extends Error {
  override readonly name = 'Error';
}
