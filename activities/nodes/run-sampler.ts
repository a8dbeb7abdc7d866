import type { Faker } from '@faker-js/faker';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { DrawnAttributePlan, ListedAttributePlan, SamplerNodePlan } from '../../pipeline/plan.ts';
import { readJson } from '../store/read-json.ts';
import { failedOutcome, type NodeOutcome, type NodeWork, type WorkRecord } from './node-work.ts';
import { chooseWeighted } from './samplers/choose-weighted.ts';
import { drawPerson, loadFaker } from './samplers/draw-person.ts';
import { categoryText, drawValue } from './samplers/draw-value.ts';
import { seededStream } from './samplers/seeded-stream.ts';
import { seededRandom } from './seeded-random.ts';

/** Key of the values that `prepareRun` has read from an attribute's source. */
export function samplerValuesKey(folder: string, node: string, attribute: string): string {
  return `${folder}/samplers/${encodeURIComponent(node)}.${encodeURIComponent(attribute)}.json`;
}

/** What an attribute adds to a record; `before` is what those before it have added. A text says why it cannot. */
type Draw = (record: WorkRecord, before: JsonObject) => JsonObject | string;

/** Draws each attribute, seeded by run, record, node, visit and attribute. */
export async function runSampler(node: SamplerNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const draws = await Promise.all(
    node.attributes.map((attribute) => ('draw' in attribute ? drawnAttribute(attribute, work) : listedAttribute(attribute, work))),
  );
  return work.records.map((record): NodeOutcome => {
    const set: JsonObject = {};
    for (const draw of draws) {
      const drawn = draw(record, set);
      if (typeof drawn === 'string') return failedOutcome(work, { code: 'SAMPLE_INVALID', message: drawn });
      Object.assign(set, drawn);
    }
    return { kind: 'changed', change: { set } };
  });
}

async function listedAttribute(attribute: ListedAttributePlan, work: NodeWork): Promise<Draw> {
  const { name } = attribute;
  const random = (record: WorkRecord): number => seededRandom(seedOf(work, record, name));
  if (Array.isArray(attribute.values)) {
    const { values, weights = null } = attribute;
    return (record) => ({ [name]: chooseWeighted(values, weights, random(record)) });
  }
  const values = await sourceValues(attribute, work);
  const severalColumns = attribute.values.columns.length > 1;
  // As SyGra does: rows are taken in their order and wrapped around; of several columns one is drawn.
  return (record) => {
    const value = values[record.source.ordinal % values.length] ?? null;
    return { [name]: severalColumns && Array.isArray(value) ? chooseWeighted(value, null, random(record)) : value };
  };
}

async function sourceValues(attribute: ListedAttributePlan, work: NodeWork): Promise<JsonValue[]> {
  const key = samplerValuesKey(work.run.folder, work.name, attribute.name);
  const values = await readJson<JsonValue[]>(work.dependencies.store, key);
  if (values !== null) return values;
  throw new SyngraphError({ code: 'STORE_INVALID', message: `the store lacks the values of ${work.name}.${attribute.name} (${key})` });
}

async function drawnAttribute({ name, draw }: DrawnAttributePlan, work: NodeWork): Promise<Draw> {
  if (draw.kind !== 'person') {
    return (record, before) => {
      const state = { ...record.state, ...before };
      const value = drawValue(draw, seededStream(seedOf(work, record, name)), state);
      if (value !== undefined) return { [name]: value };
      // Only a subcategory may find nothing to draw from.
      const category = draw.kind === 'subcategory' ? `${draw.of} ${categoryText(state[draw.of]).slice(0, 200)}` : '';
      return `${name} has no values for ${category}`;
    };
  }
  const faker: Faker = await loadFaker(draw.locale);
  const { fields } = draw;
  return (record) => {
    const person = drawPerson(draw, faker, seededStream(seedOf(work, record, name)));
    return fields === null ? { [name]: person } : Object.fromEntries(fields.map((field) => [`${name}_${field}`, person[field]]));
  };
}

function seedOf(work: NodeWork, { source, visit }: WorkRecord, attribute: string): (string | number)[] {
  return [work.run.description.seed, source.id, work.name, visit, attribute];
}
