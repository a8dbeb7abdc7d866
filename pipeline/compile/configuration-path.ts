import type { JsonValue } from '../json.ts';
import { nearestName } from '../nearest-name.ts';

/** Sections that a `$`-path may begin with; other texts with a dollar are texts. */
const SECTIONS = ['data_config', 'graph_config', 'output_config', 'schema_config'];

export interface PathFault {
  /** Keys from the value that was given down to the text. */
  at: (string | number)[];
  text: string;
  message: string;
  hint: string | undefined;
}

/**
 * Replaces texts such as `$data_config.source.repo_id` and `$graph_config.edges[0].from`, anywhere
 * in a value, by what the configuration has there.
 */
export function resolveConfigurationPaths(
  value: JsonValue,
  configuration: JsonValue,
  faults: PathFault[],
  at: (string | number)[] = [],
): JsonValue {
  if (typeof value === 'string') return resolveText(value, { configuration, faults, at });
  if (Array.isArray(value))
    return value.map((item, index) => resolveConfigurationPaths(item, configuration, faults, [...at, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      resolveConfigurationPaths(item, configuration, faults, [...at, key]),
    ]),
  );
}

interface TextOptions {
  configuration: JsonValue;
  faults: PathFault[];
  at: (string | number)[];
}

function resolveText(text: string, { configuration, faults, at }: TextOptions): JsonValue {
  const match = /^\$([A-Za-z_]\w*)((?:\.[^.[\]]+|\[\d{1,9}\])*)$/.exec(text);
  if (match === null) return text;
  const section = match[1]!;
  if (!SECTIONS.includes(section)) {
    const nearest = match[2] === '' ? null : nearestName(section, SECTIONS);
    if (nearest !== null)
      faults.push({
        at,
        text,
        message: `"${text}" begins with no section of this file`,
        hint: `Did you mean "$${nearest}"?`,
      });
    return text;
  }
  const steps = [
    section,
    ...[...match[2]!.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index)),
  ];
  let found: JsonValue = configuration;
  for (const [index, step] of steps.entries()) {
    const next = child(found, step);
    if (next === undefined) {
      const keys = typeof found === 'object' && found !== null ? Object.keys(found) : [];
      const nearest = nearestName(String(step), keys);
      const parent = steps.slice(0, index).join('.');
      const hint = nearest === null ? undefined : `Did you mean "${nearest}"?`;
      faults.push({
        at,
        text,
        message: `"${text}" leads nowhere: there is no "${step}" in ${parent === '' ? 'this file' : parent}`,
        hint,
      });
      return text;
    }
    found = next;
  }
  return found;
}

function child(value: JsonValue, step: string | number): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Record<string | number, JsonValue>)[step];
}
