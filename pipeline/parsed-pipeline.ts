import type { SourceWant } from './source-want.ts';
import type { JsonObject } from './json.ts';
import type { PipelineConfig, EdgeConfig } from './schema/pipeline-schema.ts';
import type { NodeConfig } from './schema/node-schema.ts';
import type { SourceConfig } from './schema/source-schema.ts';
import type { YamlPath, YamlPlaces } from './yaml-source.ts';

/** A pipeline file that has been read: what is sound of it, and where everything stands. */
export interface ParsedPipeline {
  file: string;
  taskFolder: string;
  yaml: YamlPlaces;
  /** Absolute folders of the files that its values stand in; several where an outer graph overrides parts of a subgraph. */
  folders: ReadonlyMap<string, string>;
  /** The file as it is, for `$`-paths and the configuration of lambda nodes. */
  raw: JsonObject;
  config: PipelineConfig;
  /** Nodes in the order of the file; `config` is null where the node cannot be read. */
  nodes: ParsedNode[];
  edges: ParsedEdge[];
  /** Sources in the order of `PipelineWants.sources`. */
  sources: ParsedSource[];
  /** Some part could not be read: what depends on it is not judged, and no plan is made. */
  damaged: { file: boolean; edges: boolean; source: boolean };
}

/** The folder of the file in which a value stands: relative paths and modules are looked for from there. */
export function folderAt(parsed: Pick<ParsedPipeline, 'yaml' | 'folders' | 'taskFolder'>, path: YamlPath): string {
  return parsed.folders.get(parsed.yaml.fileAt(path)) ?? parsed.taskFolder;
}

export interface ParsedNode {
  name: string;
  path: YamlPath;
  config: NodeConfig | null;
  /** Something of the node could not be read, so what it writes is not known. */
  damaged: boolean;
}

export interface ParsedEdge {
  path: YamlPath;
  config: EdgeConfig;
}

export interface ParsedSource {
  path: YamlPath;
  config: SourceConfig;
  want: SourceWant;
}
