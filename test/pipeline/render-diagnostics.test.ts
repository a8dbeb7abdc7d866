import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import { renderDiagnostics } from '../../pipeline/render-diagnostics.ts';

const base: Diagnostic = {
  code: 'UNKNOWN_KEY',
  severity: 'error',
  message: 'an edge has no key "tp"',
  file: 'g.yaml',
  line: 2,
  column: 5,
  endColumn: 7,
  hint: 'Did you mean "to"?',
  allowed: ['from', 'to'],
};
const render = (diagnostics: Diagnostic[], text: string, colour = false): string =>
  renderDiagnostics(diagnostics, new Map([['g.yaml', text]]), { colour });

describe('rendered diagnostics', () => {
  it('show place, message, line, caret, allowed values and what to do', () => {
    assert.equal(
      render([base], 'a:\n    tp: END\n'),
      `g.yaml:2:5 error an edge has no key "tp" [UNKNOWN_KEY]
2 |     tp: END
  |     ^^
  = allowed: from, to
  = Did you mean "to"?`,
    );
  });

  it('stand in the order of the file, repetitions left out', () => {
    const text = render([{ ...base, line: 3, column: 1 }, base, { ...base, line: 1, column: 9 }, base], 'a\nb\nc');
    assert.deepEqual(text.match(/^g\.yaml:\d+:\d+/gm), ['g.yaml:1:9', 'g.yaml:2:5', 'g.yaml:3:1']);
  });

  it('put the caret right after tabs and in lines that are cut', () => {
    assert.match(render([{ ...base, line: 1, column: 3, endColumn: 4 }], '\t\tx'), /\| \t\tx\n {2}\| \t\t\^/);
    const long = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    const [, shown, caret] = render([{ ...base, line: 1, column: 501, endColumn: 505 }], long).split('\n');
    assert.equal(shown!.slice(caret!.indexOf('^'), caret!.lastIndexOf('^') + 1), 'HERE');
    assert.ok(shown!.length < 140);
  });

  it('have colours only where asked for, and no control characters of the file', () => {
    const text = 'a:\n    tp: \u001b[31mEND\u0007\n';
    assert.ok(!render([base], text).includes('\u001b'));
    const coloured = render([base], text, true);
    assert.ok(coloured.includes('\u001b[31merror\u001b[0m') && !coloured.includes('\u0007'));
  });

  it('never show a line that holds a secret', () => {
    for (const line of [
      'token: hf_abc',
      'auth_token: "sk-abc"',
      '- {api_key: abc, x: 1}',
      'url: https://me:abc@host',
      'password : abc',
    ]) {
      assert.ok(!render([{ ...base, line: 1, column: 1 }], line).includes('abc'), line);
    }
    assert.ok(!render([{ ...base, code: 'SECRET_IN_FILE', line: 1, column: 1 }], 'X-Thing: abc').includes('abc'));
    for (const line of ['max_tokens: 500', 'auth_token: $ABC', 'token: ${ABC}'])
      assert.ok(render([{ ...base, line: 1, column: 1 }], line).includes(line));
  });
});
