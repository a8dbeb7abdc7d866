import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SamplerNodePlan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE } from './compile-text.ts';

function samplerOf(attributes: string): string {
  return `${SOURCE}graph_config:\n  nodes:\n    draw:\n      node_type: weighted_sampler\n      attributes:\n${attributes
    .trim()
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n')}\n  edges: [{from: START, to: draw}, {from: draw, to: END}]\n`;
}

const planOf = (attributes: string): SamplerNodePlan => compilePlan(samplerOf(attributes)).nodes[0] as SamplerNodePlan;
const faults = (attributes: string): string[] => compileText(samplerOf(attributes)).diagnostics.map(({ code, message }) => `${code} ${message}`);

describe('an attribute of a sampler', () => {
  it('compiles in each of its forms', () => {
    const plan = planOf(`
animal: {values: [cat, dog], weights: [1, 2]}
size: {sampler: category, values: [1, 2]}
name: {sampler: subcategory, category: animal, values: {cat: [Tom], dog: {values: [Rex, Bo], weights: [2, 1]}}}
share: {sampler: uniform, low: 0, high: 1}
height: {sampler: gaussian, mean: 170, stddev: 10, low: 100, decimal_places: 1}
children: {sampler: poisson, mean: 1.5}
day: {sampler: datetime, start: 2024-01-01, end: 2024-12-31}
time: {sampler: datetime, start: "2024-01-01T08:10:00", end: 2024-01-01, unit: hour}
case: {sampler: uuid, prefix: "case-"}
customer: {sampler: person, locale: de, age_range: [18, 65], fields: [first_name, city]}
author: {sampler: person, reference_date: 2020-02-29}
`);
    assert.deepEqual(plan.attributes, [
      { name: 'animal', values: ['cat', 'dog'], weights: [1, 2] },
      { name: 'size', values: [1, 2] },
      { name: 'name', draw: { kind: 'subcategory', of: 'animal', values: { cat: { values: ['Tom'], weights: null }, dog: { values: ['Rex', 'Bo'], weights: [2, 1] } } } },
      { name: 'share', draw: { kind: 'uniform', low: 0, high: 1, decimals: null } },
      { name: 'height', draw: { kind: 'gaussian', mean: 170, deviation: 10, low: 100, high: null, decimals: 1 } },
      { name: 'children', draw: { kind: 'poisson', mean: 1.5 } },
      { name: 'day', draw: { kind: 'datetime', from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 11, 31), unit: 'day', format: 'date' } },
      { name: 'time', draw: { kind: 'datetime', from: Date.UTC(2024, 0, 1, 9), to: Date.UTC(2024, 0, 1, 23), unit: 'hour', format: 'iso' } },
      { name: 'case', draw: { kind: 'uuid', prefix: 'case-' } },
      { name: 'customer', draw: { kind: 'person', locale: 'de', sex: null, ages: [18, 65], fields: ['first_name', 'city'], referenceDate: Date.UTC(2025, 0, 1) } },
      { name: 'author', draw: { kind: 'person', locale: 'en_US', sex: null, ages: [18, 90], fields: null, referenceDate: Date.UTC(2020, 1, 29) } },
    ]);
    assert.deepEqual(plan.writes.slice(-3), ['customer_first_name', 'customer_city', 'author']);
  });

  it('takes one or several columns of a source on disk or on the Hub', () => {
    const plan = planOf(`
one: {values: {column: text, source: {type: disk, file_path: more.jsonl}}}
two: {values: {column: [text, question], source: {type: hf, repo_id: me/set}}}
`);
    assert.deepEqual(plan.attributes.map((attribute) => 'values' in attribute && !Array.isArray(attribute.values) && [attribute.values.columns, attribute.values.source.type]), [
      [['text'], 'disk'],
      [['text', 'question'], 'hf'],
    ]);
  });

  it('may depend on a column of the source', () => {
    assert.deepEqual(faults('x: {sampler: subcategory, category: text, values: {a: [1]}}'), []);
  });

  for (const [attributes, expected] of [
    ['x: {sampler: unifrom, low: 1}', /^WRONG_VALUE "sampler" cannot be "unifrom"/],
    ['x: {sampler: uniform, low: 1}', /^MISSING_KEY "high" is missing/],
    ['x: {sampler: uniform, low: 1, high: 2, mean: 3}', /^UNKNOWN_KEY a uniform attribute has no key "mean"/],
    ['x: {sampler: uniform, low: 2, high: 1}', /cannot be drawn from 2 to 1/],
    ['x: {sampler: uniform, low: 0.1, high: 0.9, decimal_places: 0}', /No number with 0 decimal places/],
    ['x: {sampler: gaussian, mean: 0, stddev: 0}', /^WRONG_VALUE "stddev" is 0, expected more than 0/],
    ['x: {sampler: gaussian, mean: 0, stddev: 1, low: 1, high: 1}', /cannot be drawn from 1 to 1/],
    ['x: {sampler: poisson, mean: -1}', /^WRONG_VALUE "mean" is -1/],
    ['x: {sampler: datetime, start: 2024-02-30, end: 2024-03-01}', /"2024-02-30" is no date/],
    ['x: {sampler: datetime, start: 2024-03-02, end: 2024-03-01}', /finds no whole day/],
    ['x: {sampler: person, locale: en_us}', /no people of the locale "en_us"/],
    ['x: {sampler: person, age_range: [40, 30]}', /Nobody is at least 40/],
    ['x: {sampler: person, fields: [first_nam]}', /first_nam/],
    ['x: {sampler: subcategory, category: x, values: {a: [1]}}', /depends on itself/],
    ['x: {sampler: subcategory, category: y, values: {a: [1]}}\ny: {values: [a]}', /"y", which is drawn after it/],
    ['y: {values: [a, b]}\nx: {sampler: subcategory, category: y, values: {a: [1]}}', /no values for y "b"/],
    ['x: {sampler: subcategory, category: nowhere, values: {a: [1]}}', /^UNKNOWN_VARIABLE Nothing provides "nowhere"/],
    ['x: {sampler: subcategory, category: text, values: {a: []}}', /"x of a" has no values/],
    ['x: {sampler: subcategory, category: text, values: {a: {values: [1], weights: [1, 2]}}}', /^BAD_WEIGHTS .*1 values but 2 weights/],
    ['x: {sampler: category, values: []}', /"x" has no values to draw from/],
    ['x: {}', /^MISSING_KEY "values" is missing/],
  ] as const) {
    it(`is refused: ${attributes.split('\n').at(-1)!.slice(0, 70)}`, () => {
      const found = faults(attributes);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, expected);
    });
  }
});
