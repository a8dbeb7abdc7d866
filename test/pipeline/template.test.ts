import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SyngraphError } from '../../pipeline/errors.ts';
import { escapeTemplate, parseTemplate, renderTemplate, templateVariables } from '../../pipeline/template.ts';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('{', '}', '{{', 'a', '->', ' ', '"', '\n'),
    fc.string({ maxLength: 1, unit: 'binary' }),
  ),
  maxLength: 40,
});

describe('a template', () => {
  it('gives any text back that was escaped', () => {
    fc.assert(
      fc.property(text, (literal) => {
        const { template, problems } = parseTemplate(escapeTemplate(literal));
        assert.deepEqual(problems, []);
        assert.equal(renderTemplate(template, {}, '1'), literal);
      }),
    );
  });

  it('puts values between literals, whatever they hold, without reading them as templates', () => {
    fc.assert(
      fc.property(text, text, text, (before, value, after) => {
        const { template } = parseTemplate(`${escapeTemplate(before)}{name}${escapeTemplate(after)}`);
        assert.equal(renderTemplate(template, { name: value }, '1'), before + value + after);
      }),
    );
  });

  it('parses any text without throwing, and names offsets inside it', () => {
    fc.assert(
      fc.property(text, (anything) => {
        for (const { offset, length } of parseTemplate(anything).problems)
          assert.ok(offset >= 0 && length >= 1 && offset + length <= anything.length);
      }),
    );
  });

  it('reads names with arrows, dots and blanks inside', () => {
    const { template, problems } = parseTemplate('{inc->number} {Short Description} {{{x}}}');
    assert.deepEqual(problems, []);
    assert.deepEqual(template, [
      { variable: 'inc->number' },
      ' ',
      { variable: 'Short Description' },
      ' {',
      { variable: 'x' },
      '}',
    ]);
    assert.deepEqual(templateVariables(template), ['inc->number', 'Short Description', 'x']);
  });

  it('refuses braces that are not a variable, each with its place', () => {
    const found = parseTemplate('{"a": 1} { x} {} } {\n}').problems.map(({ offset, length }) => [offset, length]);
    assert.deepEqual(found, [
      [0, 1],
      [7, 1],
      [9, 4],
      [14, 2],
      [17, 1],
      [19, 1],
      [21, 1],
    ]);
  });

  it('writes numbers, lists and null as text', () => {
    const { template } = parseTemplate('{n}|{list}|{nothing}|{yes}');
    assert.equal(
      renderTemplate(template, { n: 1.5, list: ['a', { b: 1 }], nothing: null, yes: true }, '1'),
      '1.5|["a",{"b":1}]||true',
    );
  });

  it('fails with variable and record where the state lacks one, inherited names included', () => {
    for (const name of ['missing', 'constructor', '__proto__']) {
      assert.throws(
        () => renderTemplate([{ variable: name }], { text: 'x' }, 'r-17'),
        (error) =>
          error instanceof SyngraphError &&
          error.code === 'PROMPT_INVALID' &&
          error.message.includes(name) &&
          error.message.includes('r-17'),
      );
    }
  });
});
