import { readTransformName } from './built-in-transforms.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { ParsedPipeline } from './parsed-pipeline.ts';
import { valueAt } from './schema/describe-issue.ts';
import type { YamlPath } from './yaml-source.ts';

/** What an export of the task's code is used as. */
export type HelperRole =
  | 'condition'
  | 'lambda'
  | 'pre_process'
  | 'post_process'
  | 'multi_llm_post_process'
  | 'model_post_process'
  | 'set_function'
  | 'filter'
  | 'row_filter'
  | 'transform'
  | 'tool'
  | 'structured_output'
  | 'schema'
  | 'generator'
  | 'graph_post_process';

export interface HelperUse {
  /** As the pipeline names it. */
  text: string;
  role: HelperRole;
  path: YamlPath;
  /** State keys that it is to write; methods of a generator; answers of a condition. */
  names: string[];
}

/** Every export that a pipeline names, with what it is used as, also where the compiler refuses the place. */
export function helperUses({ raw }: Pick<ParsedPipeline, 'raw'>): HelperUse[] {
  const uses: HelperUse[] = [];
  const add = (role: HelperRole, path: YamlPath, names: string[] = []): void => {
    const text = valueAt(raw, path);
    if (typeof text === 'string' && text !== '') uses.push({ text, role, path, names });
  };
  for (const path of sourcePaths(raw)) {
    for (const [index, step] of listAt(raw, [...path, 'transformations']).entries()) {
      const name =
        isJsonObject(step) && typeof step['transform'] === 'string' ? readTransformName(step['transform']) : null;
      const at = [...path, 'transformations', index];
      if (name?.kind === 'user') add('transform', [...at, 'transform']);
      if (name?.kind === 'built-in' && name.name === 'filter') add('row_filter', [...at, 'params', 'function']);
    }
  }
  for (const [name, node] of Object.entries(objectAt(raw, ['graph_config', 'nodes'])))
    if (isJsonObject(node)) addNode(node, ['graph_config', 'nodes', name], add);
  for (const [index, edge] of listAt(raw, ['graph_config', 'edges']).entries())
    if (isJsonObject(edge))
      add('condition', ['graph_config', 'edges', index, 'condition'], Object.keys(objectAt(edge, ['path_map'])));
  const map = Object.values(objectAt(raw, ['output_config', 'output_map']));
  const transforms = map.flatMap((field) =>
    isJsonObject(field) && typeof field['transform'] === 'string' ? [field['transform']] : [],
  );
  add('generator', ['output_config', 'generator'], [...new Set(transforms)]);
  add('schema', ['schema_config', 'schema']);
  for (const path of processorPaths(raw)) add('graph_post_process', path);
  return uses;
}

function addNode(
  node: JsonObject,
  path: YamlPath,
  add: (role: HelperRole, path: YamlPath, names?: string[]) => void,
): void {
  const keys = [node['output_keys'] ?? node['output_key'] ?? []].flat().filter((key) => typeof key === 'string');
  add('lambda', [...path, 'lambda'], keys);
  add('pre_process', [...path, 'pre_process']);
  add('post_process', [...path, 'post_process'], keys);
  add('multi_llm_post_process', [...path, 'multi_llm_post_process'], keys);
  add(node['node_type'] === 'filter' ? 'filter' : 'set_function', [...path, 'function'], keys);
  for (const index of listAt(node, ['tools']).keys()) add('tool', [...path, 'tools', index]);
  const models = [['model'], ...Object.keys(objectAt(node, ['models'])).map((label) => ['models', label])];
  for (const model of models) {
    add('model_post_process', [...path, ...model, 'post_process']);
    add('structured_output', [...path, ...model, 'structured_output', 'schema']);
  }
}

function sourcePaths(raw: JsonObject): YamlPath[] {
  const path = ['data_config', 'source'];
  const source = valueAt(raw, path);
  return Array.isArray(source) ? source.map((_, index) => [...path, index]) : [path];
}

/** Each stands alone or in a list, as a path or as a mapping. */
function processorPaths(raw: JsonObject): YamlPath[] {
  const key = 'graph_post_process';
  const items = Array.isArray(raw[key]) ? raw[key].map((_, index) => [key, index]) : [[key]];
  return items.map((path) => (isJsonObject(valueAt(raw, path)) ? [...path, 'processor'] : path));
}

function listAt(value: unknown, path: YamlPath): unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

function objectAt(value: unknown, path: YamlPath): JsonObject {
  const found = valueAt(value, path);
  return isJsonObject(found) ? found : {};
}
