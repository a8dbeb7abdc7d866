import { z } from 'zod';

/** A key of SyGra's format that this version does not carry out. */
export interface UnsupportedKey {
  /** `error` where leaving it out would make other data than the author meant. */
  level: 'error' | 'warning';
  /** What to do instead, or why nothing is lost. */
  hint?: string;
  /** Values that ask for nothing, e.g. `false`; they are passed over in silence. */
  harmless?: (value: unknown) => boolean;
  /** The key is only another spelling, or means nothing here: no "not supported yet". */
  message?: string;
}

export interface StrictObjectOptions<Shape extends z.ZodRawShape> {
  /** What it is, for messages: "an llm node". Unique. */
  name: string;
  shape: Shape;
  unsupported?: Record<string, UnsupportedKey>;
}

export interface StrictObjectFacts {
  name: string;
  allowed: string[];
  unsupported: Record<string, UnsupportedKey>;
}

const factsByName = new Map<string, StrictObjectFacts>();

/**
 * A mapping that takes only the keys of its shape. Zod's issue for an unknown key does not say
 * which keys were possible, so its message carries the mapping's name, and `strictObjectFacts`
 * leads from there to the keys.
 */
export function strictObject<Shape extends z.ZodRawShape>(
  options: StrictObjectOptions<Shape>,
): z.ZodObject<Shape, z.core.$strict> {
  const { name, shape, unsupported = {} } = options;
  factsByName.set(name, { name, allowed: Object.keys(shape), unsupported });
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? name : undefined) });
}

export function strictObjectFacts(name: string): StrictObjectFacts {
  return factsByName.get(name) ?? { name: 'this mapping', allowed: [], unsupported: {} };
}
