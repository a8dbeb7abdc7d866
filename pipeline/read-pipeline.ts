import { appendPostProcess } from './append-post-process.ts';
import { collectModules, collectSources } from './collect-wants.ts';
import type { Diagnostic } from './diagnostics.ts';
import { hasErrors, sortDiagnostics } from './diagnostics.ts';
import type { PipelineWants } from './facts.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { ParsedNode, ParsedPipeline } from './parsed-pipeline.ts';
import { readYaml } from './read-yaml.ts';
import { checkShape } from './schema/check-shape.ts';
import { type PipelineConfig, pipelineSchema } from './schema/pipeline-schema.ts';
import type { YamlPath, YamlPlaces } from './yaml-source.ts';

export interface ReadPipelineOptions {
  /** Name of the file, as diagnostics show it. */
  file: string;
  content: Uint8Array;
  /** Folder of the file; relative modules and sources start there. */
  taskFolder: string;
  /** Where the values of a file stand that was made of others. Default: in the file. */
  places?: (own: YamlPlaces) => YamlPlaces;
}

export interface ReadPipelineResult {
  /** null where nothing can be compiled; with errors it still serves to find more of them. */
  parsed: ParsedPipeline | null;
  wants: PipelineWants;
  diagnostics: Diagnostic[];
}

/** From the bytes of a pipeline file to its checked parts. Never throws, whatever the bytes are. */
export function readPipeline(options: ReadPipelineOptions): ReadPipelineResult {
  const { file, content, taskFolder, places = (own) => own } = options;
  const document = readYaml({ file, content });
  return parsePipeline({ file, taskFolder, folders: new Map([[file, taskFolder]]), document: { ...document, source: places(document.source) } });
}

/** A pipeline as plain values, and where they stand. */
export interface PipelineDocument {
  source: YamlPlaces;
  value: unknown;
  diagnostics: Diagnostic[];
}

export interface ParsePipelineOptions extends Pick<ParsedPipeline, 'file' | 'taskFolder' | 'folders'> {
  document: PipelineDocument;
}

/** From plain values to the checked parts of a pipeline. */
export function parsePipeline(options: ParsePipelineOptions): ReadPipelineResult {
  const { file, taskFolder, folders, document } = options;
  const { source, value, diagnostics } = document;
  const stop = (...more: Diagnostic[]): ReadPipelineResult => ({
    parsed: null,
    wants: { modules: [], sources: [] },
    diagnostics: sortDiagnostics([...diagnostics, ...more]),
  });
  if (value === null || value === undefined) {
    if (hasErrors(diagnostics)) return stop();
    const hint = 'Begin with graph_config; `syngraph init` writes a task that runs.';
    return stop({
      code: 'EMPTY_FILE',
      severity: 'error',
      message: 'This file is empty',
      hint,
      file,
      line: 1,
      column: 1,
    });
  }
  if (!isJsonObject(value))
    return stop(
      source.diagnose({
        code: 'WRONG_TYPE',
        path: [],
        target: { part: 'value' },
        message: 'A pipeline is a mapping with graph_config',
        hint: 'Begin with graph_config:',
      }),
    );
  const tooLarge = checkSize(value, source);
  if (tooLarge !== null) return stop(tooLarge);
  const shape = checkShape({ schema: pipelineSchema, value, source });
  if (shape.config === null) return stop(...shape.diagnostics);
  const ownNodes = parsedNodes(shape.config, source, shape.damaged);
  const ownEdges = shape.config.graph_config.edges.map((config, index) => ({ path: ['graph_config', 'edges', index], config }));
  const { nodes, edges, diagnostics: postProcess } = appendPostProcess({ config: shape.config, nodes: ownNodes, edges: ownEdges, yaml: source });
  const all = [...diagnostics, ...shape.diagnostics, ...postProcess];
  const nodeNames = nodes.map((node) => node.name);
  const parts = {
    config: shape.config,
    nodes,
    edges,
    sources: collectSources(shape.config, nodeNames),
  };
  const damaged = {
    file: hasErrors(all),
    edges: shape.damaged.some((path) => path[1] === 'edges'),
    source: shape.damaged.some((path) => path[0] === 'data_config' && (path[1] ?? 'source') === 'source'),
  };
  const parsed: ParsedPipeline = { file, taskFolder, folders, yaml: source, raw: value, ...parts, damaged };
  return {
    parsed,
    wants: { modules: collectModules(parts), sources: parts.sources.map((entry) => entry.want) },
    diagnostics: sortDiagnostics(all),
  };
}

/** Bounds what the compiler's work grows with; a walk table of 10 kB would not hold more nodes either. */
const MAX_NODES = 500;
const MAX_EDGES = 5_000;

function checkSize(value: JsonObject, source: YamlPlaces): Diagnostic | null {
  const graph = isJsonObject(value['graph_config']) ? value['graph_config'] : {};
  for (const [key, limit] of [
    ['nodes', MAX_NODES],
    ['edges', MAX_EDGES],
  ] as const) {
    const count = Object.keys(graph[key] ?? {}).length;
    const message = `A graph has at most ${limit} ${key}, this one has ${count}`;
    if (count > limit)
      return source.diagnose({
        code: 'WRONG_VALUE',
        path: ['graph_config', key],
        target: { part: 'key' },
        message,
        hint: 'Split the pipeline.',
      });
  }
  return null;
}

function parsedNodes(config: PipelineConfig, source: YamlPlaces, damaged: YamlPath[]): ParsedNode[] {
  const path = ['graph_config', 'nodes'];
  return source.keys(path).map((name) => ({
    name,
    path: [...path, name],
    config: (Object.hasOwn(config.graph_config.nodes, name) ? config.graph_config.nodes[name] : null) ?? null,
    damaged: damaged.some((part) => part[1] === 'nodes' && (part[2] ?? name) === name),
  }));
}
