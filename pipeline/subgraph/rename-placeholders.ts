import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** Variables of prompts and what they are called instead. */
export type Renames = ReadonlyMap<string, string>;

/**
 * A node as the file has it, with the variables of its prompts renamed. Of a subgraph node the
 * names that its own maps lead to are renamed, so that maps of several levels follow each other.
 */
export function renameInNode(node: JsonObject, renames: Renames): JsonObject {
  if (renames.size === 0) return node;
  if (node['node_type'] !== 'subgraph') return renameTexts(node, renames);
  const own = isJsonObject(node['prompt_placeholder_map']) ? node['prompt_placeholder_map'] : {};
  const renamed = renameOverride(node, renames);
  return { ...renamed, prompt_placeholder_map: { ...Object.fromEntries(renames), ...renameTargets(own, renames) } };
}

/** `{{` and `}}` are literal braces; a name stands between single ones. */
export function renameInText(text: string, renames: Renames): string {
  return text.replace(/\{\{|\}\}|\{([^{}"\r\n]{0,200})\}/g, (found, name: string | undefined) => {
    const other = name === undefined ? undefined : renames.get(name);
    return other === undefined ? found : `{${other}}`;
  });
}

const TEXT_KEYS = ['prompt', 'inject_system_messages'];

function renameTexts(node: JsonObject, renames: Renames): JsonObject {
  const renamed = TEXT_KEYS.filter((key) => Object.hasOwn(node, key)).map((key): [string, JsonValue] => [
    key,
    renameEverywhere(node[key]!, renames),
  ]);
  return { ...node, ...Object.fromEntries(renamed) };
}

function renameEverywhere(value: JsonValue, renames: Renames): JsonValue {
  if (typeof value === 'string') return renameInText(value, renames);
  if (Array.isArray(value)) return value.map((item) => renameEverywhere(item, renames));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameEverywhere(item, renames)]));
}

/** What a subgraph node says about its inner nodes, at any depth. */
function renameOverride(override: JsonObject, renames: Renames): JsonObject {
  const result = renameTexts(override, renames);
  const map = result['prompt_placeholder_map'];
  if (isJsonObject(map)) result['prompt_placeholder_map'] = renameTargets(map, renames);
  const inner = result['node_config_map'];
  if (isJsonObject(inner))
    result['node_config_map'] = Object.fromEntries(
      Object.entries(inner).map(([name, value]) => [name, isJsonObject(value) ? renameOverride(value, renames) : value]),
    );
  return result;
}

function renameTargets(map: JsonObject, renames: Renames): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([name, target]) => [name, typeof target === 'string' ? (renames.get(target) ?? target) : target]),
  );
}
