import { isOwnProcessor } from './append-post-process.ts';
import { readTransformName } from './built-in-transforms.ts';
import { readVariableName } from './environment-variable.ts';
import { shardOf } from './compile/source-settings.ts';
import type { ModuleWant } from './facts.ts';
import { parseFunctionPath } from './function-path.ts';
import type { ParsedPipeline, ParsedSource } from './parsed-pipeline.ts';
import type { PipelineConfig } from './schema/pipeline-schema.ts';
import type { NodeModel } from './schema/model-schema.ts';
import type { NodeConfig } from './schema/node-schema.ts';
import { isListedAttribute } from './schema/nodes/sampler-attribute.ts';
import type { SourceConfig } from './schema/source-schema.ts';
import type { YamlPath } from './yaml-source.ts';
import type { SourceWant } from './source-want.ts';

/** The pipeline's own sources first, then those of samplers and benchmarks in the order of the file. */
export function collectSources(config: PipelineConfig, nodeNames: readonly string[]): ParsedSource[] {
  const sources: ParsedSource[] = [];
  const add = (source: SourceConfig, path: YamlPath): number =>
    sources.push({ path, config: source, want: sourceWant(source) });
  const main = config.data_config?.source;
  const path = ['data_config', 'source'];
  if (Array.isArray(main)) main.forEach((source, index) => add(source, [...path, index]));
  else if (main) add(main, path);
  for (const name of nodeNames) {
    const node = config.graph_config.nodes[name];
    const contamination = node?.node_type === 'quality' ? node.rules?.contamination : undefined;
    if (typeof contamination === 'object') {
      const at = ['graph_config', 'nodes', name, 'rules', 'contamination', 'benchmarks'];
      contamination.benchmarks?.forEach((source, index) => add(source, [...at, index]));
    }
    if (node?.node_type !== 'weighted_sampler') continue;
    for (const [attribute, settings] of Object.entries(node.attributes)) {
      if (isListedAttribute(settings) && !Array.isArray(settings.values))
        add(settings.values.source, ['graph_config', 'nodes', name, 'attributes', attribute, 'values', 'source']);
    }
  }
  return sources;
}

function sourceWant(source: SourceConfig): SourceWant {
  if (source.type === 'disk') {
    return {
      type: 'disk',
      filePath: source.file_path,
      format: source.file_format ?? null,
      encoding: source.encoding ?? 'utf-8',
    };
  }
  if (source.type === 'servicenow') return { type: 'servicenow', fields: source.fields ?? null };
  const shard = shardOf(source.shard);
  return {
    type: 'hf',
    repoId: source.repo_id,
    configName: source.config_name ?? null,
    splits: source.split ?? ['train'],
    tokenVariable: readVariableName(source.token ?? ''),
    ...(shard && { shard }),
  };
}

/** Modules that the pipeline's functions are in, and which exports of each. */
export function collectModules(parsed: Pick<ParsedPipeline, 'config' | 'nodes' | 'edges' | 'sources'>): ModuleWant[] {
  const exportsBySpecifier = new Map<string, Set<string>>();
  for (const text of functionTexts(parsed)) {
    const path = parseFunctionPath(text);
    if (path === null) continue;
    const names = exportsBySpecifier.get(path.specifier) ?? new Set();
    exportsBySpecifier.set(path.specifier, names.add(path.exportName));
  }
  for (const text of parsed.nodes.flatMap((node) => (node.config === null ? [] : toolTexts(node.config)))) {
    // A tool may be a whole module; with # it is an export.
    if (!text.includes('#') && !exportsBySpecifier.has(text)) exportsBySpecifier.set(text, new Set());
  }
  return [...exportsBySpecifier].map(([specifier, exports]) => ({ specifier, exports: [...exports] }));
}

function functionTexts(parsed: Pick<ParsedPipeline, 'config' | 'nodes' | 'edges' | 'sources'>): string[] {
  const { config, nodes, edges, sources } = parsed;
  const texts: unknown[] = [
    config.output_config?.generator,
    config.schema_config?.schema,
    ...(config.graph_post_process ?? []).map(({ processor }) => processor).filter(isOwnProcessor),
    ...edges.map((edge) => edge.config.condition),
    ...nodes.flatMap((node) => (node.config === null ? [] : [...nodeFunctions(node.config), ...toolTexts(node.config)])),
    ...sources.flatMap((source) => source.config.transformations ?? []).map(transformFunction),
  ];
  return texts.filter((text) => typeof text === 'string');
}

function nodeFunctions(node: NodeConfig): unknown[] {
  if (node.node_type === 'lambda') return [node.lambda];
  if (node.node_type === 'filter' || node.node_type === 'set_function') return [node.function];
  return 'prompt' in node ? askingFunctions(node) : [];
}

function askingFunctions(node: Extract<NodeConfig, { node_type: 'llm' | 'multi_llm' | 'agent' }>): unknown[] {
  const models: Partial<NodeModel>[] = node.node_type === 'multi_llm' ? Object.values(node.models) : [node.model];
  const more = node.node_type === 'multi_llm' ? [node.multi_llm_post_process] : [];
  const schemas = [node, ...models].map((asked) => asked.structured_output?.schema);
  return [node.pre_process, node.post_process, ...more, ...schemas, ...models.map((model) => model.post_process)].filter((text) => typeof text === 'string' && !text.startsWith('sygra.core.models.'));
}

function toolTexts(node: NodeConfig): string[] {
  const tools = 'tools' in node && Array.isArray(node.tools) ? (node.tools as unknown[]) : [];
  return tools.filter((tool) => typeof tool === 'string');
}

function transformFunction(transformation: NonNullable<SourceConfig['transformations']>[number]): unknown {
  const name = readTransformName(transformation.transform);
  if (name.kind === 'user') return transformation.transform;
  return name.kind === 'built-in' && name.name === 'filter' ? transformation.params?.['function'] : undefined;
}
