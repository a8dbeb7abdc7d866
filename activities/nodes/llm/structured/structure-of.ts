import type { JsonObject, JsonValue } from '../../../../pipeline/json.ts';
import type { ModelPlan, StructuredOutputPlan } from '../../../../pipeline/plan.ts';
import type { ModelAnswer, ModelRequest } from '../../../models/model-client.ts';
import type { NodeWork } from '../../node-work.ts';
import { answerText } from '../read-answer.ts';
import { checkerOf, type CheckedValue, type StructureChecker } from './check-structure.ts';
import { instruct } from './instruct.ts';
import { describeFunctionSchema } from './function-schema.ts';
import { findJsonValues } from './find-json-values.ts';

/** A structured output, ready to be asked for and read. */
export interface Structure {
  /** Askings that send a fault back. */
  repairs: number;
  ask(request: ModelRequest): ModelRequest;
  read(answer: ModelAnswer): Promise<ReadStructure>;
  /** The same without the server's help; null where it is asked for in words already. */
  inWords: Structure | null;
}

export type ReadStructure =
  /** The message's content is the value as JSON, as post-processors know it. */
  | { ok: true; answer: ModelAnswer; value: JsonObject }
  /** ANSWER_INVALID: the answer is at fault; any other code: the schema's own code is. */
  | { ok: false; code: string; message: string };

/** Kept per plan; what the server can do by itself is asked each time, since a mended endpoint may answer otherwise. */
const known = new WeakMap<StructuredOutputPlan, Promise<Prepared>>();

interface Prepared {
  inWords: Structure;
  /** null: the schema cannot be told, or is not to be. */
  native: Structure | null;
}

export async function structureOf({ work, model, plan }: { work: NodeWork; model: ModelPlan; plan: StructuredOutputPlan }): Promise<Structure> {
  let prepared = known.get(plan);
  if (prepared === undefined) {
    prepared = prepare(work, plan);
    prepared.catch(() => known.delete(plan));
    known.set(plan, prepared);
  }
  const { inWords, native } = await prepared;
  if (native === null) return inWords;
  const { structuredOutput } = await work.dependencies.gateway.capabilities(model);
  return structuredOutput ? native : inWords;
}

async function prepare(work: NodeWork, plan: StructuredOutputPlan): Promise<Prepared> {
  const schema = plan.schema.kind === 'json_schema' ? (JSON.parse(plan.schema.schema) as JsonObject) : await describeFunctionSchema(work, plan.schema.function);
  const check = checkerOf(work, plan.schema);
  const shared = { repairs: plan.repairs, read: (answer: ModelAnswer) => readAnswer(answer, check) };
  const inWords: Structure = { ...shared, inWords: null, ask: (request) => (plan.instruct ? instruct(request, schema) : request) };
  if (plan.strategy === 'prompt' || schema === null) return { inWords, native: null };
  return { inWords, native: { ...shared, inWords, ask: (request) => ({ ...request, format: { name: plan.name, schema } }) } };
}

async function readAnswer(answer: ModelAnswer, check: StructureChecker): Promise<ReadStructure> {
  const values = findJsonValues(answerText(answer));
  if (values.length === 0) return { ok: false, code: 'ANSWER_INVALID', message: 'The answer holds no JSON object that is whole' };
  const checked = await Promise.all(values.map(check));
  const broken = checked.find((result) => !result.ok && result.code !== 'ANSWER_INVALID');
  if (broken !== undefined && !broken.ok) return broken;
  const fitting = new Map(checked.filter((result) => result.ok).map((result): [string, CheckedValue] => [JSON.stringify(result.value), result]));
  const [only, ...others] = fitting;
  // The longest is what was meant, and its faults are what the model is told.
  if (only === undefined) return checked[longest(values)] as Extract<ReadStructure, { ok: false }>;
  // Which of them is meant cannot be told.
  if (others.length > 0) return { ok: false, code: 'ANSWER_INVALID', message: `The answer holds ${fitting.size} different JSON objects that fit` };
  const [content, { value }] = only;
  return { ok: true, answer: { ...answer, message: { ...answer.message, content } }, value };
}

function longest(values: JsonValue[]): number {
  const lengths = values.map((value) => JSON.stringify(value).length);
  return lengths.indexOf(Math.max(...lengths));
}
