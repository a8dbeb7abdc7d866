import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renameInNode, renameInText } from '../../pipeline/subgraph/rename-placeholders.ts';
import { parseTemplate } from '../../pipeline/template.ts';

/** Texts full of braces, so that doubled and single ones meet. */
const text = fc.array(fc.constantFrom('{', '}', '{{', '}}', '{p}', '{{p}}', '{q}', 'p', ' ', 'word'), { maxLength: 12 }).map((parts) => parts.join(''));

describe('renaming the variables of a prompt', () => {
  it('gives what renaming the parsed template gives, whatever stands around the braces', () => {
    fc.assert(
      fc.property(text, (prompt) => {
        const before = parseTemplate(prompt);
        // What cannot be read as a template is reported, renamed or not.
        fc.pre(before.problems.length === 0);
        const renamed = parseTemplate(renameInText(prompt, new Map([['p', 'prompt']])));
        const expected = before.template.map((part) => (typeof part !== 'string' && part.variable === 'p' ? { variable: 'prompt' } : part));
        assert.deepEqual(renamed, { template: expected, problems: [] });
      }),
    );
  });

  it('swaps names at once instead of one after the other', () => {
    assert.equal(renameInText('{a} {b}', new Map([['a', 'b'], ['b', 'a']])), '{b} {a}');
  });

  it('reaches the texts of parts and of injected messages, and nothing but prompts', () => {
    const node = {
      node_type: 'agent',
      prompt: [{ user: [{ type: 'text', text: 'See {p}' }, { type: 'image_url', image_url: '{p}' }] }],
      inject_system_messages: [{ 2: 'Mind {p}' }],
      output_keys: '{p}',
    };
    assert.deepEqual(renameInNode(node, new Map([['p', 'q']])), {
      node_type: 'agent',
      prompt: [{ user: [{ type: 'text', text: 'See {q}' }, { type: 'image_url', image_url: '{q}' }] }],
      inject_system_messages: [{ 2: 'Mind {q}' }],
      output_keys: '{p}',
    });
  });
});
