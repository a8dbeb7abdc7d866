import type { Diagnostic } from './diagnostics.ts';
import { nearestName } from './nearest-name.ts';
import type { ParsedEdge, ParsedNode, ParsedPipeline } from './parsed-pipeline.ts';
import { checkShape } from './schema/check-shape.ts';
import { type SemanticDedupParams, semanticDedupParams } from './schema/post-process-schema.ts';
import type { DeduplicateNodeConfig } from './schema/nodes/set-node.ts';
import type { Report, YamlPath } from './yaml-source.ts';

type Parts = Pick<ParsedPipeline, 'config' | 'nodes' | 'edges' | 'yaml'>;

const PATH: YamlPath = ['graph_post_process'];
const END_NAME = 'END';
const SEMANTIC_DEDUP = 'SemanticDedupPostProcessor';

const DEFAULT_FIELD = 'text';
const DEFAULT_ID_FIELD = 'id';
const DEFAULT_THRESHOLD = 0.9;
const DEFAULT_MODEL = 'all-MiniLM-L6-v2';
const DEFAULT_MAX_PAIRS = 2000;

/**
 * SyGra's semantic deduplication as what it is here: a node before END that all records of the run
 * come to. What led to END leads to it.
 */
export function appendPostProcess(parts: Parts): { nodes: ParsedNode[]; edges: ParsedEdge[]; diagnostics: Diagnostic[] } {
  const processors = parts.config.graph_post_process ?? [];
  const diagnostics: Diagnostic[] = [];
  const report = (fault: Report): void => void diagnostics.push(parts.yaml.diagnose(fault));
  const nodes: ParsedNode[] = [];
  for (const [index, { processor, params }] of processors.entries()) {
    const path = [...PATH, index];
    if (isOwnProcessor(processor)) continue;
    if (!processor.endsWith(`.${SEMANTIC_DEDUP}`)) {
      report(unknownProcessor(processor, path));
      continue;
    }
    const shape = checkShape({ schema: semanticDedupParams, value: params ?? {}, source: parts.yaml, at: [...path, 'params'] });
    diagnostics.push(...shape.diagnostics);
    if (shape.config === null) continue;
    const field = stateKey(parts, { field: shape.config.field ?? DEFAULT_FIELD, path, report });
    if (field === null) continue;
    const name = freeName([...parts.nodes, ...nodes]);
    nodes.push({ name, path, config: deduplicateConfig(shape.config, field), damaged: false });
  }
  return { nodes: [...parts.nodes, ...nodes], edges: redirect(parts.edges, nodes), diagnostics };
}

/** Of the task's code, not of SyGra's. */
export function isOwnProcessor(processor: string): boolean {
  return !processor.startsWith('sygra.');
}

function unknownProcessor(processor: string, path: YamlPath): Report {
  return {
    code: 'NOT_SUPPORTED_YET',
    path,
    message: `The processor "${processor}" of graph_post_process is not supported yet`,
    hint: 'Write one in the task folder: a class with process(rows, metadata, params); or add a set_function or aggregate node.',
  };
}

/** The state key that an output field comes from; null where it has none, which is reported. */
function stateKey({ config }: Parts, { field, path, report }: { field: string; path: YamlPath; report: (fault: Report) => void }): string | null {
  const map = config.output_config?.output_map;
  const at = [...path, 'params', 'field'];
  if (map === null || map === undefined) {
    if (!config.output_config?.generator) return field;
    report({
      code: 'NOT_SUPPORTED_YET',
      path,
      message: `The rows come from a generator alone, so it cannot be told which state key "${field}" comes from`,
      hint: 'Add a deduplicate node over the state key before END instead, or an output_map.',
    });
    return null;
  }
  const output = Object.hasOwn(map, field) ? map[field] : undefined;
  if (output === undefined || !output.from || output.value !== undefined) {
    const fields = Object.keys(map).filter((name) => map[name]?.from && map[name].value === undefined);
    const nearest = nearestName(field, fields);
    report({
      code: 'UNKNOWN_VARIABLE',
      path: at,
      message: output === undefined ? `The output has no field "${field}" to compare rows by` : `The output field "${field}" is the same in every row`,
      hint: nearest === null ? 'Name a field of output_map that comes from the state.' : `Did you mean "${nearest}"?`,
      allowed: fields,
    });
    return null;
  }
  if (output.transform) {
    report({
      code: 'IGNORED_KEY',
      severity: 'warning',
      path: at,
      message: `Rows are compared by "${output.from}" as it is before ${output.transform}()`,
      hint: 'Write the transformed text in a lambda node if that makes a difference.',
    });
  }
  return output.from;
}

function deduplicateConfig(params: SemanticDedupParams, field: string): DeduplicateNodeConfig {
  return {
    node_type: 'deduplicate',
    scope: 'run',
    field,
    method: 'embedding',
    model: { name: params.embedding_model ?? DEFAULT_MODEL },
    threshold: params.similarity_threshold ?? DEFAULT_THRESHOLD,
    mode: params.dedup_mode ?? 'nearest_neighbor',
    keep: params.keep ?? 'first',
    report: {
      file: params.report_filename ?? null,
      form: 'document',
      max_pairs: params.max_pairs_in_report ?? DEFAULT_MAX_PAIRS,
      id_field: params.id_field === undefined ? DEFAULT_ID_FIELD : params.id_field,
    },
  };
}

function freeName(nodes: ParsedNode[]): string {
  const taken = new Set(nodes.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'semantic_dedup' : `semantic_dedup_${number}`;
    if (!taken.has(name)) return name;
  }
}

function redirect(edges: ParsedEdge[], added: ParsedNode[]): ParsedEdge[] {
  const [first] = added;
  if (first === undefined) return edges;
  const lead = (targets: string[]): string[] => targets.map((target) => (target === END_NAME ? first.name : target));
  const led = edges.map(({ config, path }): ParsedEdge => {
    const { to, path_map: paths } = config;
    return {
      path,
      config: {
        ...config,
        ...(to ? { to: lead(to) } : {}),
        ...(paths ? { path_map: Object.fromEntries(Object.entries(paths).map(([answer, targets]) => [answer, lead(targets)])) } : {}),
      },
    };
  });
  const own = added.map(({ name, path }, index): ParsedEdge => ({ path, config: { from: name, to: [added[index + 1]?.name ?? END_NAME] } }));
  return [...led, ...own];
}
