import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesPattern, readCardConfigs, withCardSplit } from '../../../activities/data/hub-card.ts';

test('patterns match within folders and over them', () => {
  const cases: [path: string, pattern: string, fits: boolean][] = [
    ['data/train-0.parquet', 'data/train-*', true],
    ['data/deep/train-0.parquet', 'data/*', false],
    ['data/deep/train-0.parquet', '**/train-*', true],
    ['train-0.parquet', '**/train-?.parquet', true],
    ['a/b/c', '**', true],
    ['a.b', 'a?b', true],
    ['axb', 'a.b', false],
    ['data/x', './data/x', true],
  ];
  for (const [path, pattern, fits] of cases) assert.equal(matchesPattern(path, pattern), fits, `${path} ${pattern}`);
});

test('a hostile pattern takes no time', () => {
  assert.equal(matchesPattern('a'.repeat(5000), `${'*a'.repeat(500)}*b`), false);
  assert.equal(matchesPattern('a/'.repeat(2000), `${'**/a/'.repeat(200)}b`), false);
});

test('a card that is no YAML or names nothing has no configurations', () => {
  for (const card of [
    '',
    '# x',
    '---\n: : {\n---\n',
    '---\nconfigs: 7\n---\n',
    '---\nconfigs: [1, {config_name: 2}]\n---\n',
  ])
    assert.deepEqual(readCardConfigs(card), []);
});

test('a split that is put into any card is read from it', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
  fc.assert(
    fc.property(
      fc.array(fc.record({ config: name, split: name, path: name }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('', '# Title\n', '---\nlicense: mit\n---\ntext\n'),
      (entries, start) => {
        const card = entries.reduce(withCardSplit, start);
        const last = entries.at(-1) as { config: string; split: string; path: string };
        const config = readCardConfigs(card).find((each) => each.name === last.config);
        assert.deepEqual(config?.dataFiles.find((each) => each.split === last.split)?.paths, [last.path]);
        assert.ok(card.endsWith(start.replace(/^---[\s\S]*---\n/, '')));
      },
    ),
  );
});
