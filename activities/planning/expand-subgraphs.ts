import type { SourceFact, SubgraphFact } from '../../pipeline/facts.ts';
import { folderAt, type ParsedNode, type ParsedPipeline } from '../../pipeline/parsed-pipeline.ts';
import type { PipelineDocument } from '../../pipeline/read-pipeline.ts';
import { readYaml } from '../../pipeline/read-yaml.ts';
import type { SubgraphNodeConfig } from '../../pipeline/schema/nodes/subgraph-node.ts';
import { readSubgraph } from '../../pipeline/subgraph/read-subgraph.ts';
import { findSubgraph } from './find-subgraph.ts';
import { readBeginning } from './read-beginning.ts';

/** Subgraphs inside each other. */
const DEEPEST = 10;
/** Call sites, at whatever depth. */
const MOST_SUBGRAPHS = 100;

export interface ExpandSubgraphsOptions {
  parsed: ParsedPipeline;
  /** Absolute path of the pipeline's file, with links resolved. */
  path: string;
  /** Absolute. */
  workingDirectory: string;
  gatherSources: (parsed: ParsedPipeline) => Promise<SourceFact[]>;
}

export interface ExpandedSubgraphs {
  subgraphs: Record<string, SubgraphFact>;
  /** Every subgraph that was read, once for each call site. */
  instances: ParsedPipeline[];
}

interface OpenFile {
  path: string;
  shown: string;
}

/** Reads the files of a pipeline's subgraphs, and of those in them, each with what its call site overrides. */
export async function expandSubgraphs(options: ExpandSubgraphsOptions): Promise<ExpandedSubgraphs> {
  const { parsed, path, workingDirectory, gatherSources } = options;
  const instances: ParsedPipeline[] = [];
  const documents = new Map<string, PipelineDocument>();

  async function expand(outer: ParsedPipeline, open: readonly OpenFile[]): Promise<Record<string, SubgraphFact>> {
    const facts: [string, SubgraphFact][] = [];
    for (const node of outer.nodes)
      if (isSubgraph(node) && node.config.node_state !== 'idle') facts.push([node.name, await follow(outer, node, open)]);
    return Object.fromEntries(facts);
  }

  async function follow(
    outer: ParsedPipeline,
    node: ParsedNode & { config: SubgraphNodeConfig },
    open: readonly OpenFile[],
  ): Promise<SubgraphFact> {
    const folder = folderAt(outer, [...node.path, 'subgraph']);
    const found = await findSubgraph({ text: node.config.subgraph, folder, workingDirectory });
    if ('triedFiles' in found) return { status: 'missing', ...found };
    const again = open.findIndex((file) => file.path === found.path);
    if (again !== -1) return { status: 'cycle', files: [...open.slice(again).map((file) => file.shown), found.shown] };
    if (open.length > DEEPEST) return { status: 'too_many', limit: `${DEEPEST} levels deep` };
    if (instances.length >= MOST_SUBGRAPHS) return { status: 'too_many', limit: `${MOST_SUBGRAPHS} subgraphs in one pipeline` };
    const document = documents.get(found.path) ?? (await readDocument(found));
    if (typeof document === 'string') return { status: 'broken', message: document };
    documents.set(found.path, document);
    const { parsed: inner, diagnostics } = readSubgraph({ outer, node, file: found.shown, folder: found.folder, document });
    if (inner === null) return { status: 'found', parsed: null, diagnostics, sources: [], subgraphs: {} };
    instances.push(inner);
    const sources = await gatherSources(inner);
    return { status: 'found', parsed: inner, diagnostics, sources, subgraphs: await expand(inner, [...open, found]) };
  }

  return { subgraphs: await expand(parsed, [{ path, shown: parsed.file }]), instances };
}

function isSubgraph(node: ParsedNode): node is ParsedNode & { config: SubgraphNodeConfig } {
  return node.config?.node_type === 'subgraph';
}

/** A text says why the file cannot be read. */
async function readDocument({ path, shown }: OpenFile): Promise<PipelineDocument | string> {
  try {
    return readYaml({ file: shown, content: await readBeginning(path) });
  } catch (error) {
    return (error as Error).message;
  }
}
