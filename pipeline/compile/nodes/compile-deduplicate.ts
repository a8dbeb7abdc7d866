import type { JsonObject } from '../../json.ts';
import { DEFAULT_EMBEDDING_MODEL } from '../../model-plan.ts';
import type { DuplicateReportPlan, SetOperationPlan } from '../../plan.ts';
import type { DeduplicateNodeConfig } from '../../schema/nodes/set-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ModelTable } from '../compile-models.ts';

interface DeduplicateParts {
  context: CompileContext;
  config: DeduplicateNodeConfig;
  name: string;
  path: YamlPath;
  models: ModelTable;
}

export type DeduplicatePlan = Extract<SetOperationPlan, { kind: `deduplicate_${Method}` }>;

type Method = NonNullable<DeduplicateNodeConfig['method']>;
type MethodKey = 'threshold' | 'shingle' | 'shingle_unit' | 'permutations' | 'model' | 'mode';

const KEYS: Record<Method, readonly MethodKey[]> = {
  exact: [],
  minhash: ['threshold', 'shingle', 'shingle_unit', 'permutations'],
  embedding: ['threshold', 'model', 'mode'],
};

const DEFAULT_SHINGLE = { word: 3, character: 5 };
const DEFAULT_PERMUTATIONS = 128;
const DEFAULT_JACCARD = 0.8;
const DEFAULT_COSINE = 0.9;
const DEFAULT_MAX_PAIRS = 2000;
const DEFAULT_INTO = 'metadata';

/** Without a method, a model says embedding; texts are compared by their shingles else. */
export function compileDeduplicate(parts: DeduplicateParts): DeduplicatePlan {
  const { config } = parts;
  const method = config.method ?? (config.model === undefined ? 'minhash' : 'embedding');
  checkKeys(parts, method);
  const { field, keep = 'first' } = config;
  const common = { field, keep, ...(config.on_duplicate === 'tag' ? { tag: { into: config.into ?? DEFAULT_INTO } } : {}) };
  if (method === 'exact') return { kind: 'deduplicate_exact', ...common, report: compileReport(parts, { field, method, keep }) };
  if (method === 'minhash') {
    const { shingle_unit: unit = 'word', permutations = DEFAULT_PERMUTATIONS, threshold = DEFAULT_JACCARD } = config;
    const shingle = config.shingle ?? DEFAULT_SHINGLE[unit];
    const settings = { field, method, similarity_threshold: threshold, shingle, shingle_unit: unit, permutations, keep };
    return { kind: 'deduplicate_minhash', ...common, threshold, shingle, unit, permutations, report: compileReport(parts, settings) };
  }
  const { threshold = DEFAULT_COSINE, mode = 'nearest_neighbor', model } = config;
  const settings = { field, method, similarity_threshold: threshold, embedding_model: model?.name ?? null, dedup_mode: mode, keep };
  return { kind: 'deduplicate_embedding', ...common, threshold, model: modelKey(parts), mode, report: compileReport(parts, settings) };
}

function modelKey({ context, config: { model }, models, name, path }: DeduplicateParts): string {
  if (model === undefined) return '';
  if (path[0] !== 'graph_post_process') return models.useAlone({ node: name, model, path: [...path, 'model'] });
  // SyGra loads the model that this names into its own process.
  const { key, simulated } = models.useOrSimulate({ node: name, model, path: [...path, 'params', 'embedding_model'] });
  if (simulated) {
    context.report({
      code: 'UNKNOWN_MODEL',
      severity: 'warning',
      path,
      message: `models.yaml has no model "${model.name}", so rows are compared by the words that they have in common`,
      hint: `Add "${model.name}" to models.yaml with the url of a server that has a /v1/embeddings endpoint, to compare them by their meaning.`,
    });
  }
  return key;
}

/** A key that has no effect would let its author believe in one. */
function checkKeys({ context, config, path }: DeduplicateParts, method: Method): void {
  for (const key of [...new Set(Object.values(KEYS).flat())]) {
    if (config[key] === undefined || KEYS[method].includes(key)) continue;
    const methods = (Object.keys(KEYS) as Method[]).filter((candidate) => KEYS[candidate].includes(key));
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, key],
      target: { part: 'key' },
      message: `"${key}" has no effect with method: ${method}`,
      hint: `Remove it, or set method: ${methods.join(' or ')}.`,
    });
  }
  if (config.into !== undefined && config.on_duplicate !== 'tag') {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'into'],
      target: { part: 'key' },
      message: '"into" has no effect where duplicates are dropped',
      hint: 'Remove it, or set on_duplicate: tag.',
    });
  }
  if (method === 'embedding' && config.model === undefined) {
    context.report({
      code: 'MISSING_KEY',
      path,
      target: { part: 'key' },
      message: 'To compare embeddings, a model is needed',
      hint: `Add model: ${DEFAULT_EMBEDDING_MODEL}, which runs in the worker, or a model of models.yaml that has a /v1/embeddings endpoint; or set method: minhash.`,
    });
  }
}

function compileReport({ context, config, path }: DeduplicateParts, settings: JsonObject): DuplicateReportPlan | null {
  const { report } = config;
  if (!report) return null;
  if (config.scope === 'batch') {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'report'],
      target: { part: 'key' },
      message: 'A report is written once a run, and this node runs once a batch',
      hint: 'Remove it, or set scope: run.',
    });
  }
  const { file = null, form = 'lines', max_pairs: maxPairs = DEFAULT_MAX_PAIRS, id_field: idField = null } = { ...emptyReport, ...report };
  return { file, form, maxPairs, idField, settings };
}

const emptyReport: { file?: string | null; form?: 'lines' | 'document'; max_pairs?: number; id_field?: string | null } = {};
