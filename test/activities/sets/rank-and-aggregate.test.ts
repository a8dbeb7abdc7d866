import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FunctionCall, FunctionOutcome } from '../../../activities/functions/function-host.ts';
import type { JsonValue } from '../../../pipeline/json.ts';
import type { SetOperationPlan } from '../../../pipeline/plan.ts';
import { createSetScene, type SetScene } from './set-scene.ts';

let scene: SetScene;
before(async () => (scene = await createSetScene()));
after(() => scene.close());

const RANK: Extract<SetOperationPlan, { kind: 'rank' }> = { kind: 'rank', by: 'judge.score', order: 'descending', group: null, top: null, rankKey: 'rank' };
const scores = (...list: JsonValue[]): { judge: { score: JsonValue }; topic: string }[] =>
  list.map((score, index) => ({ judge: { score }, topic: index % 2 === 0 ? 'even' : 'odd' }));

describe('a rank', () => {
  it('is 1 for the best; equal values keep the order of the input', async () => {
    const decisions = await scene.decide(RANK, scores(3, 5, 3, '4.5', -1));
    assert.deepEqual(decisions.map((decision) => decision.kind === 'keep' && decision.set), [{ rank: 3 }, { rank: 1 }, { rank: 4 }, { rank: 2 }, { rank: 5 }]);
  });

  it('keeps the top of each group', async () => {
    assert.deepEqual(await scene.kept({ ...RANK, order: 'ascending', group: 'topic', top: 1 }, scores(3, 5, 2, 4, 9)), [2, 3]);
  });

  it('fails records without a number, alone', async () => {
    const decisions = await scene.decide(RANK, scores(3, 'good', null, 4));
    assert.deepEqual(decisions.map(({ kind }) => kind), ['keep', 'failed', 'failed', 'keep']);
    assert.deepEqual(decisions[1], { kind: 'failed', code: 'FIELD_INVALID', message: 'dedup needs a number in "judge.score", and the record has none there' });
  });
});

describe('an aggregate', () => {
  const figures: Extract<SetOperationPlan, { kind: 'aggregate' }>['functions'] = [
    { name: 'records', function: 'count', field: null },
    { name: 'scored', function: 'count', field: 'judge.score' },
    { name: 'total', function: 'sum', field: 'judge.score' },
    { name: 'mean', function: 'mean', field: 'judge.score' },
    { name: 'least', function: 'min', field: 'judge.score' },
    { name: 'most', function: 'max', field: 'judge.score' },
    { name: 'topics', function: 'values', field: 'topic' },
  ];

  it('is written into every record', async () => {
    const decisions = await scene.decide({ kind: 'aggregate', group: null, into: 'all', functions: figures }, scores(3, 5, null, 4));
    const all = { records: 4, scored: 3, total: 12, mean: 4, least: 3, most: 5, topics: ['even', 'odd'] };
    assert.deepEqual(decisions, scores(1, 1, 1, 1).map(() => ({ kind: 'keep', set: { all } })));
  });

  it('is taken of each group, and leaves out what is no number', async () => {
    const decisions = await scene.decide({ kind: 'aggregate', group: 'topic', into: 'group', functions: figures.slice(0, 4) }, scores(3, 5, 'x', 4, null));
    const even = { kind: 'keep', set: { group: { records: 2, scored: 1, total: 3, mean: 3 } } };
    const odd = { kind: 'keep', set: { group: { records: 2, scored: 2, total: 9, mean: 4.5 } } };
    assert.deepEqual(decisions.map((decision) => (decision.kind === 'failed' ? decision.code : decision)), [even, odd, 'FIELD_INVALID', odd, even]);
  });

  it('refuses to write very many values into every record', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ topic: `a topic of its own, number ${index}` }));
    await assert.rejects(scene.decide({ kind: 'aggregate', group: null, into: 'all', functions: figures.slice(6) }, many), { code: 'SET_TOO_LARGE' });
  });
});

describe('a function over a set', () => {
  const operation: SetOperationPlan = { kind: 'function', function: 'functions.ts#f', config: { limit: 2 }, fields: ['text'] };

  async function answering(answer: (states: JsonValue[]) => JsonValue, list = [{ text: 'a', other: 1 }, { text: 'b' }, { text: 'c' }]): Promise<{ decisions: unknown[]; argumentList: unknown }> {
    let argumentList: JsonValue[] = [];
    const callEach = (_call: FunctionCall, argumentLists: JsonValue[][]): Promise<FunctionOutcome[]> => {
      argumentList = argumentLists[0]!;
      return Promise.resolve([{ ok: true, value: answer(argumentList[1] as JsonValue[]) }]);
    };
    const own = await createSetScene({ functions: { callEach } });
    const decisions = await own.decide(operation, list);
    await own.close();
    return { decisions, argumentList };
  }

  it('gets its configuration and the fields, changes states and filters records', async () => {
    const { decisions, argumentList } = await answering(() => [{ text: 'a', seen: 3 }, null, { text: 'C' }]);
    assert.deepEqual(argumentList, [{ limit: 2 }, [{ text: 'a' }, { text: 'b' }, { text: 'c' }]]);
    assert.deepEqual(decisions, [{ kind: 'keep', set: { seen: 3 } }, { kind: 'drop' }, { kind: 'keep', set: { text: 'C' } }]);
  });

  it('fails records with what was wrong about its answer', async () => {
    const { decisions } = await answering(() => [{}]);
    assert.match(JSON.stringify(decisions[2]), /FUNCTION_FAILED.*returned a list of 1; for 3 states it returns a list of as many/);
    const mixed = await answering((states) => [states[0]!, 5, states[2]!]);
    assert.deepEqual(mixed.decisions.map((decision) => (decision as { kind: string }).kind), ['keep', 'failed', 'keep']);
  });

  it('is not called with more than fits', async () => {
    const large = 'x'.repeat(8 * 1024 * 1024);
    await assert.rejects(answering(() => [], Array.from({ length: 9 }, () => ({ text: large }))), { code: 'SET_TOO_LARGE' });
  });
});
