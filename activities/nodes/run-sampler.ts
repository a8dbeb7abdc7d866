import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { ListedAttributePlan, SamplerNodePlan } from '../../pipeline/plan.ts';
import { readJson } from '../store/read-json.ts';
import type { NodeOutcome, NodeWork, WorkRecord } from './node-work.ts';
import { seededRandom } from './seeded-random.ts';

/** Key of the values that `prepareRun` has read from an attribute's source. */
export function samplerValuesKey(folder: string, node: string, attribute: string): string {
  return `${folder}/samplers/${encodeURIComponent(node)}.${encodeURIComponent(attribute)}.json`;
}

/** Draws each attribute by its weights, seeded by run, record, node, visit and attribute. */
export async function runSampler(node: SamplerNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const attributes = await Promise.all(
    node.attributes.filter((attribute) => 'values' in attribute).map(async (attribute) => ({ attribute, values: await valuesOf(attribute, work) })),
  );
  return work.records.map((record) => {
    const set: JsonObject = {};
    for (const { attribute, values } of attributes) set[attribute.name] = draw(attribute, values, { work, record });
    return { kind: 'changed', change: { set } };
  });
}

async function valuesOf(attribute: ListedAttributePlan, work: NodeWork): Promise<JsonValue[]> {
  if (Array.isArray(attribute.values)) return attribute.values;
  const key = samplerValuesKey(work.run.folder, work.name, attribute.name);
  const values = await readJson<JsonValue[]>(work.dependencies.store, key);
  if (values !== null) return values;
  throw new SyngraphError({ code: 'STORE_INVALID', message: `the store lacks the values of ${work.name}.${attribute.name} (${key})` });
}

function draw(
  attribute: ListedAttributePlan,
  values: JsonValue[],
  { work, record }: { work: NodeWork; record: WorkRecord },
): JsonValue {
  // Columns of a source are taken in their order and wrapped around, as SyGra does.
  if (!Array.isArray(attribute.values)) return values[record.source.ordinal % values.length] ?? null;
  const seed = work.run.description.seed;
  const random = seededRandom([seed, record.source.id, work.name, record.visit, attribute.name]);
  const weights = attribute.weights;
  if (weights === undefined) return values[Math.floor(random * values.length)] ?? null;
  let left = random * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return values[index === -1 ? weights.findLastIndex((weight) => weight > 0) : index] ?? null;
}
