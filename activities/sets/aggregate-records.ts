import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { AggregatePlan } from '../../pipeline/plan.ts';
import { createBreath } from './breath.ts';
import { fieldValue } from './field-value.ts';
import { GroupNumbers } from './group-numbers.ts';
import { lacksNumber, numberField } from './number-field.ts';
import { type DecideRecord, KEEP, type SetDecision } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';

/** Characters of the distinct values of one group: every record of it gets them. */
const MOST_VALUE_CHARACTERS = 64 * 1024;

/** One aggregate of one group, as it grows. */
interface Tally {
  count: number;
  sum: number;
  min: number;
  max: number;
  values: Map<string, JsonValue>;
  characters: number;
}

/**
 * Computes figures over all records, or over each group, and writes them into every record's state.
 * Records that lack a field are left out of its figures; what is no number where one is needed fails
 * its record, and counts in none.
 */
export async function aggregateRecords(work: WorkFor<'aggregate'>): Promise<DecideRecord> {
  const { operation, records, signal, name } = work;
  const breathe = createBreath(signal);
  const groups = new GroupNumbers(operation.group);
  const tallies: Tally[][] = [];
  const failures = new Map<number, SetDecision>();
  let index = 0;
  for await (const { state } of records()) {
    await breathe();
    const tally = (tallies[groups.add(state)] ??= operation.functions.map(emptyTally));
    const fault = operation.functions.find((plan) => needsNumber(plan) && isNoNumber(state, plan.field!));
    if (fault === undefined) operation.functions.forEach((plan, position) => include(tally[position]!, { plan, state, name }));
    else failures.set(index, lacksNumber(name, fault.field!));
    index += 1;
  }
  const numbers = groups.values();
  const results = tallies.map((tally): SetDecision => {
    const result: JsonObject = {};
    operation.functions.forEach((plan, position) => (result[plan.name] = resultOf(plan, tally[position]!)));
    return { kind: 'keep', set: { [operation.into]: result } };
  });
  return (position) => failures.get(position) ?? results[numbers[position]!] ?? KEEP;
}

function emptyTally(): Tally {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity, values: new Map(), characters: 0 };
}

function needsNumber({ function: kind }: AggregatePlan): boolean {
  return kind !== 'count' && kind !== 'values';
}

function isNoNumber(state: JsonObject, field: string): boolean {
  return fieldValue(state, field) !== null && !Number.isFinite(numberField(state, field));
}

function include(tally: Tally, { plan, state, name }: { plan: AggregatePlan; state: JsonObject; name: string }): void {
  const value = plan.field === null ? true : fieldValue(state, plan.field);
  if (value === null) return;
  tally.count += 1;
  if (plan.function === 'values') return includeValue(tally, { plan, value, name });
  if (plan.function === 'count') return;
  const number = numberField(state, plan.field!);
  tally.sum += number;
  tally.min = Math.min(tally.min, number);
  tally.max = Math.max(tally.max, number);
}

function includeValue(tally: Tally, { plan, value, name }: { plan: AggregatePlan; value: JsonValue; name: string }): void {
  const key = JSON.stringify(value);
  if (tally.values.has(key)) return;
  tally.values.set(key, value);
  tally.characters += key.length;
  if (tally.characters <= MOST_VALUE_CHARACTERS) return;
  throw new SyngraphError({
    code: 'SET_TOO_LARGE',
    message: `the distinct values of "${plan.field ?? ''}" that ${name} gathers are longer than ${MOST_VALUE_CHARACTERS} characters, and every record would get them`,
    nextStep: 'Aggregate a field with fewer values, or count them.',
  });
}

/** null for figures over no value at all. */
function resultOf({ function: kind }: AggregatePlan, tally: Tally): JsonValue {
  if (kind === 'count') return tally.count;
  if (kind === 'values') return [...tally.values.values()];
  if (kind === 'sum') return tally.sum;
  if (tally.count === 0) return null;
  return kind === 'mean' ? tally.sum / tally.count : tally[kind];
}
