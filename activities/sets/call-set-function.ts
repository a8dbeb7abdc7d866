import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { callTask } from '../nodes/call-task.ts';
import { changedState } from '../nodes/changed-state.ts';
import { createBreath } from './breath.ts';
import { type DecideRecord, DROP, KEEP, type SetDecision } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';

/** Characters of all states together, as JSON: they are held at once, here and in the thread of the function. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

const TIME_LIMIT_MILLISECONDS = 10 * 60 * 1000;

/**
 * Calls the task's function once, with the node's configuration and the list of states. It returns a
 * list of the same length: what is merged into each state, or null for a record that makes no row.
 */
export async function callSetFunction(work: WorkFor<'function'>): Promise<DecideRecord> {
  const { operation } = work;
  const states = await collectStates(work);
  if (states.length === 0) return () => KEEP;
  const [outcome] = await callTask(work, operation.function, [[operation.config, states]], undefined, TIME_LIMIT_MILLISECONDS);
  if (outcome?.ok !== true) {
    const { code, message } = outcome ?? { code: 'FUNCTION_FAILED', message: 'the function was not called' };
    return () => ({ kind: 'failed', code, message });
  }
  const decisions = readAnswer(outcome.value, { states, reference: operation.function });
  return (index) => decisions[index] ?? KEEP;
}

async function collectStates({ operation, records, signal, name }: WorkFor<'function'>): Promise<JsonObject[]> {
  const breathe = createBreath(signal);
  const states: JsonObject[] = [];
  let characters = 0;
  for await (const { state } of records()) {
    await breathe();
    const shown = operation.fields === null ? state : pick(state, operation.fields);
    characters += JSON.stringify(shown).length;
    if (characters > MOST_CHARACTERS) {
      throw new SyngraphError({
        code: 'SET_TOO_LARGE',
        message: `the states that ${operation.function} of ${name} would get at once are larger than ${MOST_CHARACTERS / 1024 / 1024} MB`,
        nextStep: 'Name in fields only the keys that the function reads, or set scope: batch, so that it sees one batch at a time.',
      });
    }
    states.push(shown);
  }
  return states;
}

function pick(state: JsonObject, fields: string[]): JsonObject {
  return Object.fromEntries(fields.filter((field) => Object.hasOwn(state, field)).map((field) => [field, state[field]!]));
}

function readAnswer(value: JsonValue, { states, reference }: { states: JsonObject[]; reference: string }): SetDecision[] {
  const isFitting = Array.isArray(value) && value.length === states.length;
  if (!isFitting) {
    const found = Array.isArray(value) ? `a list of ${value.length}` : value === null ? 'nothing' : `a ${typeof value}`;
    const message = `${reference} returned ${found}; for ${states.length} states it returns a list of as many: a state, or null for a record that makes no row`;
    return states.map(() => ({ kind: 'failed', code: 'FUNCTION_FAILED', message }));
  }
  return value.map((after, index): SetDecision => {
    if (after === null) return DROP;
    const message = `${reference} returned a list whose item ${index} is ${Array.isArray(after) ? 'a list' : `a ${typeof after}`}, no state`;
    if (!isJsonObject(after)) return { kind: 'failed', code: 'FUNCTION_FAILED', message };
    // Conversations are not appended to here: the record has one branch while its set is complete.
    const { set, append } = changedState(states[index]!, after);
    return { kind: 'keep', set: append === undefined ? set : { ...set, messages: after['messages']! } };
  });
}
