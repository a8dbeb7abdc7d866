import { createBreath } from './breath.ts';
import { GroupNumbers } from './group-numbers.ts';
import { GrowingArray } from './growing-array.ts';
import { lacksNumber, numberField } from './number-field.ts';
import { type DecideRecord, DROP } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';

/** Numbers records from 1 for the best, in all or within their group; of equal ones the earlier comes first. */
export async function rankRecords({ operation, records, signal, name }: WorkFor<'rank'>): Promise<DecideRecord> {
  const { by, order, top, rankKey } = operation;
  const breathe = createBreath(signal);
  const values = new GrowingArray(Float64Array);
  const groups = new GroupNumbers(operation.group);
  for await (const { state } of records()) {
    await breathe();
    values.push(numberField(state, by));
    groups.add(state);
  }
  const ranks = rank(values.values(), { groups: groups.values(), sign: order === 'ascending' ? 1 : -1 });
  const failed = lacksNumber(name, by);
  return (index) => {
    const place = ranks[index] ?? 0;
    if (place === 0) return failed;
    return top !== null && place > top ? DROP : { kind: 'keep', set: { [rankKey]: place } };
  };
}

/** 0 for records without a value. */
function rank(values: Float64Array, { groups, sign }: { groups: Int32Array; sign: 1 | -1 }): Uint32Array {
  const valued = Uint32Array.from(values.keys()).filter((index) => !Number.isNaN(values[index]));
  valued.sort((left, right) => groups[left]! - groups[right]! || sign * compare(values[left]!, values[right]!) || left - right);
  const ranks = new Uint32Array(values.length);
  for (const [position, index] of valued.entries()) {
    const before = position === 0 ? null : valued[position - 1]!;
    ranks[index] = before !== null && groups[before] === groups[index] ? ranks[before]! + 1 : 1;
  }
  return ranks;
}

/** Two infinities have no difference. */
function compare(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
