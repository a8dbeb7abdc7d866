import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelRequest } from '../models/model-client.ts';

/** Characters of a call key: 128 bits as hexadecimal, as many as a key of the journal's index holds. */
export const KEY_LENGTH = 32;

export interface CallIdentity {
  seed: number;
  recordId: string;
  node: string;
  visit: number | string;
  sample: number;
  /** 0 for the first asking; counts answers that were asked again (truncated, empty, invalid). */
  repair: number;
  /** Turn of an agent's loop; 0 where there is none. */
  step: number;
  /** Which of several models of the node; null where it asks one. */
  label: string | null;
}

/**
 * Key of one model call in the journal. Whoever asks the same model the same thing for the same
 * record gets the same key, in this run or a later one. The url is left out on purpose: a call
 * healed through another endpoint still hits. Simulated answers never satisfy a real request.
 */
export function callKey(identity: CallIdentity, request: string): string {
  const { seed, recordId, node, visit, sample, repair, step, label } = identity;
  // Left out where they say nothing, so that journals written before they existed still hit.
  const place = step === 0 && label === null ? [] : [step, label];
  return shortHash(JSON.stringify([seed, recordId, node, visit, sample, repair, request, ...place]));
}

export function requestHash(options: { model: ModelPlan; request: ModelRequest; simulated: boolean }): string {
  const { model, request, simulated } = options;
  const provider = simulated ? 'simulated' : model.type;
  const { tools, toolChoice, format, scoring } = request;
  const asked = tools === undefined && toolChoice === undefined && format === undefined && scoring === undefined ? {} : { tools, toolChoice, format, ...(scoring === undefined ? {} : { scoring }) };
  const more = { ...asked, ...onceFor(shapes, model, shapeOf) };
  const rest = Object.keys(more).length === 0 ? [] : [sortKeys(more)];
  return shortHash(JSON.stringify([provider, model.modelId, onceFor(sortedParameters, request.parameters, sortKeys), request.messages, ...rest]));
}

/** All records of a node have the same: the plan's own objects, which nobody changes. */
const shapes = new WeakMap<ModelPlan, object>();
const sortedParameters = new WeakMap<JsonObject, JsonValue>();

function onceFor<Key extends object, Value>(known: WeakMap<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make(key);
  known.set(key, made);
  return made;
}

/** Settings of a model that make another request of the same messages; left out where they say nothing. */
function shapeOf({ completions, provider, outputType, media }: ModelPlan): object {
  return {
    ...(completions === null ? {} : { completions }),
    ...(provider.payload === null && provider.payloadKey === null ? {} : { payload: provider.payload, payloadKey: provider.payloadKey }),
    ...(outputType === 'text' ? {} : { outputType }),
    ...(Object.keys(media).length === 0 ? {} : { media }),
  };
}

/** The order of keys in the YAML must not decide whether an answer is found. */
function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}

function shortHash(text: string): string {
  return hash('sha256', text).slice(0, KEY_LENGTH);
}
