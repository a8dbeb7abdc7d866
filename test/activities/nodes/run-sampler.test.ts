import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runSampler, samplerValuesKey } from '../../../activities/nodes/run-sampler.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import { PERSON_FIELDS, PERSON_LOCALES } from '../../../pipeline/person-fields.ts';
import type { DrawPlan, SamplerAttributePlan, SamplerNodePlan, SourcePlan } from '../../../pipeline/plan.ts';
import { blankRecords, nodeWorkOf, type NodeWorkSettings } from './node-work-of.ts';

const DRAWS = 20_000;

function nodeOf(attributes: SamplerAttributePlan[]): SamplerNodePlan {
  return { kind: 'weighted_sampler', name: 'node', route: { always: [-1], conditions: [] }, writes: [], attributes };
}

async function sample(attributes: SamplerAttributePlan[], settings: NodeWorkSettings = { records: blankRecords(DRAWS) }): Promise<JsonObject[]> {
  const outcomes = await runSampler(nodeOf(attributes), nodeWorkOf(settings));
  return outcomes.map((outcome) => {
    assert.equal(outcome.kind, 'changed');
    return outcome.kind === 'changed' ? outcome.change.set : {};
  });
}

async function drawn(draw: DrawPlan): Promise<JsonValue[]> {
  return (await sample([{ name: 'x', draw }])).map((set) => set['x']!);
}

const numbers = async (draw: DrawPlan): Promise<number[]> => (await drawn(draw)).map(Number);
const text = (value: JsonValue | undefined): string => JSON.stringify(value);
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

/** Pearson's statistic against equally likely cells. */
function chiSquare(values: JsonValue[], cells: number): number {
  const counts = new Map<JsonValue, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const expected = values.length / cells;
  const seen = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return seen + (cells - counts.size) * expected;
}

/** Bounds of four standard deviations of the statistic: one seed in ten thousand would miss them. */
const chiSquareLimit = (cells: number): number => cells - 1 + 4 * Math.sqrt(2 * (cells - 1));

const GAUSSIAN = { kind: 'gaussian', mean: 10, deviation: 2, low: null, high: null, decimals: null } as const;

describe('a sampler', () => {
  it('draws uniform numbers from its range', async () => {
    const values = await numbers({ kind: 'uniform', low: -1, high: 3, decimals: null });
    assert.ok(values.every((value) => value >= -1 && value < 3));
    assert.ok(Math.abs(mean(values) - 1) < 0.04);
    assert.ok(chiSquare(values.map((value) => Math.floor((value + 1) * 10)), 40) < chiSquareLimit(40));
  });

  it('draws a fair die', async () => {
    const values = await numbers({ kind: 'uniform', low: 1, high: 6, decimals: 0 });
    assert.deepEqual([...new Set(values)].sort(), [1, 2, 3, 4, 5, 6]);
    assert.ok(chiSquare(values, 6) < chiSquareLimit(6));
  });

  it('writes as many decimal places as it is told', async () => {
    const values = await numbers({ kind: 'uniform', low: 0, high: 1, decimals: 2 });
    assert.ok(values.every((value) => Number(value.toFixed(2)) === value));
    assert.ok(values.includes(0) && values.includes(1));
    assert.ok(chiSquare(values, 101) < chiSquareLimit(101));
  });

  it('draws normal numbers', async () => {
    const values = await numbers(GAUSSIAN);
    assert.ok(Math.abs(mean(values) - 10) < 0.06);
    assert.ok(Math.abs(deviation(values) - 2) < 0.04);
    const within = values.filter((value) => Math.abs(value - 10) < 2).length / DRAWS;
    assert.ok(Math.abs(within - 0.6827) < 0.014);
  });

  // Means of the truncated normal distribution: mean + deviation × (φ(a) − φ(b)) / (Φ(b) − Φ(a)).
  for (const [bounds, expected] of [
    [{ low: 8, high: 12 }, 10],
    [{ low: 10, high: null }, 10 + 2 * 0.7978846],
    [{ low: 14, high: null }, 10 + 2 * 2.3732155],
    [{ low: null, high: 2 }, 10 - 2 * 4.2256071],
    [{ low: 18, high: 18.1 }, 18.0484],
  ] as const) {
    it(`draws normal numbers from ${bounds.low} to ${bounds.high}`, async () => {
      const values = await numbers({ ...GAUSSIAN, ...bounds });
      assert.ok(values.every((value) => value >= (bounds.low ?? -Infinity) && value <= (bounds.high ?? Infinity)));
      assert.ok(Math.abs(mean(values) - expected) < 0.03, String(mean(values)));
    });
  }

  for (const rate of [0.3, 4, 1_200]) {
    it(`draws Poisson counts of mean ${rate}`, async () => {
      const values = rate > 1_000 ? (await numbers({ kind: 'poisson', mean: rate })).slice(0, 2_000) : await numbers({ kind: 'poisson', mean: rate });
      const error = Math.sqrt(rate / values.length);
      assert.ok(values.every((value) => Number.isSafeInteger(value) && value >= 0));
      assert.ok(Math.abs(mean(values) - rate) < 4 * error);
      assert.ok(Math.abs(deviation(values) / Math.sqrt(rate) - 1) < 0.08);
    });
  }

  it('draws days, each as likely as any other, both ends included', async () => {
    const values = await drawn({ kind: 'datetime', from: Date.UTC(2024, 1, 27), to: Date.UTC(2024, 2, 2), unit: 'day', format: 'date' });
    assert.deepEqual([...new Set(values)].sort(), ['2024-02-27', '2024-02-28', '2024-02-29', '2024-03-01', '2024-03-02']);
    assert.ok(chiSquare(values, 5) < chiSquareLimit(5));
  });

  it('draws times in whole units', async () => {
    const values = await drawn({ kind: 'datetime', from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 1, 23), unit: 'hour', format: 'iso' });
    assert.ok(values.every((value) => /^"2024-01-01T\d\d:00:00Z"$/.test(text(value))));
    assert.equal(new Set(values).size, 24);
  });

  it('draws version 4 UUIDs that differ', async () => {
    const values = await drawn({ kind: 'uuid', prefix: 'case-' });
    assert.ok(values.every((value) => /^"case-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$/.test(text(value))));
    assert.equal(new Set(values).size, DRAWS);
  });

  it('draws subcategories by weight, of what was drawn before', async () => {
    const sets = await sample([
      { name: 'animal', values: ['cat', 'dog'] },
      { name: 'name', draw: { kind: 'subcategory', of: 'animal', values: { cat: { values: ['Tom', 'Kit'], weights: [3, 1] }, dog: { values: ['Rex'], weights: null } } } },
    ]);
    const cats = sets.filter((set) => set['animal'] === 'cat');
    assert.ok(sets.every((set) => (set['animal'] === 'dog') === (set['name'] === 'Rex')));
    assert.ok(Math.abs(cats.filter((set) => set['name'] === 'Tom').length / cats.length - 0.75) < 0.02);
  });

  it('takes the category from the state, whatever its type, and fails the record whose category it does not know', async () => {
    const draw: DrawPlan = { kind: 'subcategory', of: 'level', values: { 1: { values: ['low'], weights: null }, true: { values: ['on'], weights: null } } };
    const records = [{ state: { level: 1 } }, { state: { level: true } }, { state: { level: 'constructor' } }, { state: {} }];
    const outcomes = await runSampler(nodeOf([{ name: 'x', draw }]), nodeWorkOf({ records }));
    assert.deepEqual(outcomes.slice(0, 2), [{ kind: 'changed', change: { set: { x: 'low' } } }, { kind: 'changed', change: { set: { x: 'on' } } }]);
    const failures = outcomes.slice(2).map((outcome) => (outcome.kind === 'failed' ? [outcome.failure.code, outcome.failure.message] : []));
    assert.deepEqual(failures, [['SAMPLE_INVALID', 'x has no values for level constructor'], ['SAMPLE_INVALID', 'x has no values for level null']]);
  });

  it('depends on seed, record, node, visit and attribute alone', async () => {
    const attributes: SamplerAttributePlan[] = [{ name: 'x', draw: { kind: 'uniform', low: 0, high: 1, decimals: null } }, { name: 'y', draw: GAUSSIAN }];
    const records = blankRecords(3);
    const all = await sample(attributes, { records });
    const alone = await sample(attributes.toReversed(), { records: [{ state: { more: 1 }, source: { id: 'r1', ordinal: 9, row: {}, unreadable: null } }] });
    assert.deepEqual({ ...alone[0] }, { ...all[1] });
    const others = await Promise.all([sample(attributes, { records, seed: 2 }), sample(attributes, { records, name: 'other' }), sample(attributes, { records: records.map((record) => ({ ...record, visit: 1 })) })]);
    for (const other of others) assert.notDeepEqual(other[0], all[0]);
  });

  it('draws the same as ever: datasets must not change with a version', async () => {
    const records = blankRecords(1);
    const [set] = await sample(
      [
        { name: 'list', values: ['a', 'b', 'c'], weights: [1, 2, 3] },
        { name: 'uniform', draw: { kind: 'uniform', low: 0, high: 100, decimals: 3 } },
        { name: 'gaussian', draw: { ...GAUSSIAN, decimals: 3 } },
        { name: 'poisson', draw: { kind: 'poisson', mean: 7 } },
        { name: 'uuid', draw: { kind: 'uuid', prefix: '' } },
      ],
      { records, seed: 42 },
    );
    assert.deepEqual(set, { list: 'c', uniform: 33.793, gaussian: 11.829, poisson: 12, uuid: '4606ee48-2315-4dd0-89f0-895f4b8f81ea' });
  });

  it('takes values of a source in their order, wraps around, and draws one of several columns', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'syngraph-sampler-'));
    try {
      const store = createFolderStore(folder);
      const source: SourcePlan = { type: 'disk', path: '/x.jsonl', format: 'jsonl', encoding: 'utf-8', transformations: [], onBadRecord: 'stop' };
      await store.write(samplerValuesKey('runs/demo/one', 'node', 'one'), '["a", ["b"], "c"]');
      await store.write(samplerValuesKey('runs/demo/one', 'node', 'two'), '[["a", "A"], ["b", "B"]]');
      const sets = await sample(
        [{ name: 'one', values: { columns: ['p'], source } }, { name: 'two', values: { columns: ['p', 'q'], source } }],
        { records: blankRecords(400), storeFolder: folder },
      );
      assert.deepEqual(sets.slice(0, 4).map((set) => set['one']), ['a', ['b'], 'c', 'a']);
      assert.ok(sets.every((set, index) => text(set['two']).toLowerCase() === `"${'ab'[index % 2]}"`));
      const upper = sets.filter((set) => /[AB]/.test(text(set['two']))).length;
      assert.ok(upper > 150 && upper < 250);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the person sampler', () => {
  const PERSON = { kind: 'person', locale: 'en_US', sex: null, ages: [18, 30], fields: null, referenceDate: Date.UTC(2025, 0, 1) } as const satisfies DrawPlan;
  const people = async (draw: Partial<Extract<DrawPlan, { kind: 'person' }>>, records = blankRecords(2_000)): Promise<JsonObject[]> =>
    (await sample([{ name: 'person', draw: { ...PERSON, ...draw } }], { records })).map((set) => set['person'] as JsonObject);

  it('makes people whose fields agree with each other', async () => {
    const found = await people({});
    for (const person of found) {
      assert.deepEqual(Object.keys(person), [...PERSON_FIELDS]);
      const born = new Date(person['birth_date'] as string);
      const birthday = (years: number): number => Date.UTC(born.getUTCFullYear() + years, born.getUTCMonth(), born.getUTCDate());
      assert.ok(birthday(Number(person['age'])) <= PERSON.referenceDate && birthday(Number(person['age']) + 1) > PERSON.referenceDate);
      assert.match(person['email'] as string, /^[^@\s]+@example\.(com|net|org)$/);
      assert.equal(person['country'], 'United States');
    }
    assert.ok(chiSquare(found.map((person) => person['age']!), 13) < chiSquareLimit(13));
    assert.ok(chiSquare(found.map((person) => person['sex']!), 2) < chiSquareLimit(2));
    assert.ok(new Set(found.map((person) => text([person['first_name']!, person['last_name']!]))).size > 1_900);
  });

  it('gives each field a key of its own, with the value that it has among all', async () => {
    const records = blankRecords(3);
    const [all, sets] = await Promise.all([
      people({}, records),
      sample([{ name: 'person', draw: { ...PERSON, fields: ['city', 'age'] } }], { records }),
    ]);
    assert.deepEqual(sets, all.map((person) => ({ person_city: person['city'], person_age: person['age'] })));
  });

  it('keeps to sex and locale', async () => {
    const records = blankRecords(20);
    const german = await people({ locale: 'de', sex: 'female' }, records);
    assert.ok(german.every((person) => person['sex'] === 'female' && person['country'] === 'Germany'));
  });

  it('has people of every locale that it names', async () => {
    for (const locale of Object.keys(PERSON_LOCALES)) {
      const [person] = await people({ locale }, blankRecords(1));
      assert.ok(PERSON_FIELDS.every((field) => person![field] !== '' && person![field] !== undefined), locale);
    }
  });
});
