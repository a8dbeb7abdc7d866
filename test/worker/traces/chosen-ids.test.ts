import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chosenIds, type ChosenIds } from '../../../worker/traces/chosen-ids.ts';

it('gives the trace of a name the same id in every process, and no other span this id', () => {
  const [first, second] = [chosenIds(), chosenIds()];
  const idOf = (ids: ChosenIds, name: string): string => ids.within(name, () => ids.generator.generateTraceId());
  const id = idOf(first, 'quiz/first/0/1');
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(idOf(second, 'quiz/first/0/1'), id);
  assert.notEqual(idOf(second, 'quiz/first/0/2'), id);
  assert.notEqual(second.generator.generateTraceId(), id);
  assert.throws(() => second.within('quiz/first/0/1', () => assert.fail()));
  assert.notEqual(second.generator.generateTraceId(), id);
});
