import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readYaml } from '../../pipeline/read-yaml.ts';

/** `line:column message`, and the hint below it. */
function complaint(content: string): string {
  const { diagnostics, value } = readYaml({ file: 'graph_config.yaml', content });
  assert.equal(diagnostics.length, 1, content);
  assert.equal(value, null);
  const { line, column, message, hint } = diagnostics[0]!;
  return `${line}:${column} ${message} | ${hint ?? ''}`;
}

describe('readYaml', () => {
  for (const [what, content, expected] of [
    ['a list that is never closed, where it is opened', 'a: [1', /^1:4 .*"\[" here is never closed \| Add the missing "\]"/],
    ['a list that the next key ends', 'a: [[1], 2\nb: 3\n', /^1:4 .*"\[" here is never closed/],
    ['a mapping that is never closed', 'a: {x: 1\nb: 3\n', /^1:4 .*"\{" here is never closed \| Add the missing "\}"/],
    ['a quote that is never closed, where it is opened', 'a: "x\nb: 1\n', /^1:4 .*quote that is opened here is never closed/],
    ['a text with a colon', 'a: b: c\n', /^1:4 .* \| A text with ": " in it must stand in quotes/],
    ['a list below keys', 'x:\n  y: 1\n  - z\n', /^3:1 .*a list cannot stand beside keys/],
    ['a tab', 'a:\n\t- x\n', /^2:1 .*indented with a tab \| Indent with blanks/],
    ['a second document', 'a: 1\n---\nb: 2\n', /^2:1 .*a second document begins here/],
    ['an alias that names nothing', 'a: &tone 1\nb: *tine\n', /^2:4 Nothing above is named &tine \| Did you mean \*tone\?/],
    ['a text that begins with a reserved character', 'a: @x\n', /^1:4 .* \| Put the value in quotes/],
  ] as const) {
    it(`points at ${what}`, () => assert.match(complaint(content), expected));
  }
});
