import type { Diagnostic } from '../diagnostics.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { nearestName } from '../nearest-name.ts';
import type { ParsedNode, ParsedPipeline } from '../parsed-pipeline.ts';
import { parsePipeline, type PipelineDocument, type ReadPipelineResult } from '../read-pipeline.ts';
import type { SubgraphNodeConfig } from '../schema/nodes/subgraph-node.ts';
import type { YamlPath } from '../yaml-source.ts';
import { mergeOverrides } from './merge-overrides.ts';
import { type NodeOverride, OverlaidYaml } from './overlaid-yaml.ts';
import { renameInNode } from './rename-placeholders.ts';

export interface ReadSubgraphOptions {
  /** The graph that the subgraph node stands in. */
  outer: ParsedPipeline;
  node: ParsedNode & { config: SubgraphNodeConfig };
  /** The subgraph's file as diagnostics show it, its folder, and what is in it. */
  file: string;
  folder: string;
  document: PipelineDocument;
}

/** Sections that a task of its own has; as a subgraph it gets the outer graph's records and hands them back. */
const OUTER_SECTIONS = ['data_config', 'output_config', 'schema_config', 'graph_post_process', 'target', 'helpers'];

/** A subgraph as one call site has it: its file with what the subgraph node overrides. */
export function readSubgraph(options: ReadSubgraphOptions): ReadPipelineResult {
  const { outer, file, folder, document } = options;
  const folders = new Map([...outer.folders, [file, folder]]);
  const value = document.value;
  if (!isJsonObject(value)) return parsePipeline({ file, taskFolder: folder, folders, document });
  const ignored = OUTER_SECTIONS.filter((section) => Object.hasOwn(value, section));
  const warnings = ignored.map((section) => ignoredSection(document, section));
  const kept = Object.fromEntries(Object.entries(value).filter(([section]) => !ignored.includes(section)));
  const merged = applyOverrides(options, kept);
  return parsePipeline({
    file,
    taskFolder: folder,
    folders,
    document: { ...merged, diagnostics: [...document.diagnostics, ...warnings, ...merged.diagnostics] },
  });
}

function ignoredSection({ source }: PipelineDocument, section: string): Diagnostic {
  return source.diagnose({
    code: 'IGNORED_KEY',
    severity: 'warning',
    path: [section],
    target: { part: 'key' },
    message: `"${section}" has no effect in a subgraph, where that of the outer pipeline holds`,
    hint: 'It holds when the file is run as a task of its own.',
  });
}

function applyOverrides(
  { outer, node, document }: ReadSubgraphOptions,
  value: JsonObject,
): PipelineDocument & { diagnostics: Diagnostic[] } {
  const graph = value['graph_config'];
  const nodes = isJsonObject(graph) ? graph['nodes'] : null;
  // Reported by whoever reads the file.
  if (!isJsonObject(graph) || !isJsonObject(nodes)) return { source: document.source, value, diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const overrides = new Map<string, NodeOverride>();
  const all = node.config.prompt_placeholder_map ?? {};
  const allPath = [...node.path, 'prompt_placeholder_map'];
  const map = node.config.node_config_map ?? {};
  for (const name of Object.keys(map)) if (!Object.hasOwn(nodes, name)) diagnostics.push(unknownNode({ outer, node, name, nodes }));
  const changed = Object.entries(nodes).map(([name, config]): [string, JsonObject[string]] => {
    const updates = (Object.hasOwn(map, name) ? map[name] : null) as JsonObject | null;
    if (!isJsonObject(config) || (updates === null && Object.keys(all).length === 0)) return [name, config];
    const path = [...node.path, 'node_config_map', name];
    const { prompt_placeholder_map: own, ...settings } = updates ?? {};
    const renames = { ...all, ...(isJsonObject(own) ? (own as Record<string, string>) : {}) };
    const places = Object.entries(renames).map(([from, to]): [string, YamlPath] => [
      to,
      isJsonObject(own) && Object.hasOwn(own, from) ? [...path, 'prompt_placeholder_map', from] : [...allPath, from],
    ]);
    overrides.set(name, { value: updates ?? {}, places: outer.yaml, path, renames: new Map(places) });
    return [name, renameInNode(mergeOverrides(withNamedModel(config, settings), settings), new Map(Object.entries(renames)))];
  });
  return {
    source: new OverlaidYaml({ base: document.source, baseValue: value, overrides }),
    value: { ...value, graph_config: { ...graph, nodes: Object.fromEntries(changed) } },
    diagnostics,
  };
}

/** `model: gpt` is `model: {name: gpt}`: what is said of a model without naming it is said of that one. */
function withNamedModel(config: JsonObject, { model }: JsonObject): JsonObject {
  return typeof config.model === 'string' && isJsonObject(model) && !Object.hasOwn(model, 'name') ? { ...config, model: { name: config.model } } : config;
}

function unknownNode(options: Pick<ReadSubgraphOptions, 'outer' | 'node'> & { name: string; nodes: JsonObject }): Diagnostic {
  const { outer, node, name, nodes } = options;
  const names = Object.keys(nodes);
  const nearest = nearestName(name, names);
  return outer.yaml.diagnose({
    code: 'UNKNOWN_NODE',
    path: [...node.path, 'node_config_map', name],
    target: { part: 'key' },
    message: `The subgraph ${node.config.subgraph} has no node "${name}"`,
    hint: nearest === null ? 'Name a node of the subgraph.' : `Did you mean "${nearest}"?`,
    allowed: names,
  });
}
