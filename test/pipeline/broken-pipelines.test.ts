import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import { nodeSchema } from '../../pipeline/schema/node-schema.ts';
import { compileText, type CompileTextOptions, FUNCTIONS, SOURCE, summaries } from './compile-text.ts';

const SOUND = `data_config:
  source:
    type: disk
    file_path: input.jsonl
graph_config:
  nodes:
    tone:
      node_type: weighted_sampler
      attributes:
        style:
          values: [formal, casual]
          weights: [1, 2]
    rephrase:
      node_type: llm
      prompt:
        - system: Write in a {style} way.
        - user: |
            Rephrase:
            {text}
      model:
        name: gpt-4o
      output_keys: rephrased
  edges:
    - from: START
      to: tone
    - from: tone
      to: rephrase
    - from: rephrase
      to: END
`;

/** Replaces one passage of the sound pipeline; it must be there. */
function broken(passage: string, by: string): string {
  assert.ok(SOUND.includes(passage), passage);
  return SOUND.replace(passage, by);
}

function findOne(text: string | Uint8Array, options: CompileTextOptions = {}): Diagnostic {
  const { plan, diagnostics } = compileText(text, options);
  assert.equal(plan, null);
  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics, null, 1));
  return diagnostics[0]!;
}

function assertDiagnostic(
  text: string | Uint8Array,
  expected: Omit<Partial<Diagnostic>, 'message'> & { message: string | RegExp },
  options: CompileTextOptions = {},
): void {
  const { message, ...rest } = expected;
  const found = findOne(text, options);
  assert.deepEqual(Object.fromEntries(Object.keys(rest).map((key) => [key, found[key as keyof Diagnostic]])), rest);
  if (typeof message === 'string') assert.equal(found.message, message);
  else assert.match(found.message, message);
  assert.equal(found.file, 'graph_config.yaml');
  assert.equal(found.severity, 'error');
}

describe('a broken pipeline', () => {
  it('is compared with a sound one that compiles without a word', () => {
    const { plan, diagnostics } = compileText(SOUND);
    assert.deepEqual(diagnostics, []);
    assert.equal(plan?.nodes.length, 2);
  });

  it('1: is told its unknown key and the one that was meant', () => {
    assertDiagnostic(broken('output_keys', 'output_kes'), {
      code: 'UNKNOWN_KEY',
      line: 22,
      column: 7,
      endColumn: 17,
      message: 'an llm node has no key "output_kes"',
      hint: 'Did you mean "output_keys"?',
    });
  });

  it('2: is told its misspelt node type', () => {
    assertDiagnostic(broken('node_type: llm', 'node_type: lmm'), {
      code: 'UNKNOWN_NODE_TYPE',
      line: 14,
      column: 18,
      message: 'There is no node type "lmm"',
      hint: 'Did you mean "llm"?',
      allowed: nodeSchema.options.map((option) => option.shape.node_type.value),
    });
  });

  it('3: is told an edge that leads to a node which does not exist', () => {
    assertDiagnostic(broken('to: rephrase', 'to: rephase'), {
      code: 'UNKNOWN_NODE',
      line: 27,
      column: 11,
      message: 'This edge leads to "rephase", which is not a node',
      hint: 'Did you mean "rephrase"?',
      allowed: ['tone', 'rephrase', 'END'],
    });
  });

  it('4: is told a node that no edge leads to', () => {
    assertDiagnostic(
      broken(
        '  edges:',
        '    lonely: {node_type: lambda, lambda: "./functions.ts#change"}\n  edges:\n    - {from: lonely, to: END}',
      ),
      {
        code: 'UNREACHABLE_NODE',
        line: 23,
        column: 5,
        message: 'No way leads from START to "lonely"',
      },
    );
  });

  it('5: is told a node without an edge onward', () => {
    assertDiagnostic(broken('    - from: rephrase\n      to: END\n', ''), {
      code: 'NO_PATH_TO_END',
      line: 13,
      column: 5,
      message: 'No edge leads on from "rephrase", so records never reach END',
      hint: 'Add - from: rephrase, to: END.',
    });
  });

  it('5: is told a loop without exit, once', () => {
    assertDiagnostic(broken('to: END', 'to: tone'), {
      code: 'NO_PATH_TO_END',
      line: 7,
      column: 5,
      message: /they go round "tone", "rephrase"/,
    });
  });

  it('6: is told a prompt variable that nothing provides, at its place in the block text', () => {
    assertDiagnostic(broken('            {text}', '            {txet} or {text}'), {
      code: 'UNKNOWN_VARIABLE',
      line: 19,
      column: 13,
      endColumn: 19,
      hint: 'Did you mean "text"?',
      message: 'Nothing provides {txet} to "rephrase": it is no column of the source, and no node before writes it',
    });
  });

  it('7: is told a function that the module does not export, with those that it does', () => {
    assertDiagnostic(
      broken('      output_keys', '      post_process: tasks.demo.functions.chagne\n      output_keys'),
      {
        code: 'MISSING_EXPORT',
        line: 22,
        column: 21,
        hint: 'Did you mean "change"?',
        allowed: FUNCTIONS.status === 'found' ? Object.keys(FUNCTIONS.exports) : [],
        message: 'functions.ts does not export "chagne"',
      },
    );
  });

  it('8: is told a node that is there twice', () => {
    assertDiagnostic(
      broken('  edges:', '    tone: {node_type: weighted_sampler, attributes: {style: {values: [1]}}}\n  edges:'),
      {
        code: 'DUPLICATE_NODE',
        line: 23,
        column: 5,
        message: 'A node "tone" exists already, in line 7',
      },
    );
  });

  it('9: is told bad weights of every kind', () => {
    const cases: [string, number, RegExp][] = [
      ['[1, 2, 3]', 20, /has 2 values but 3 weights/],
      ['[1, -2]', 20, /The weight -2 of "style" is negative/],
      ['[0, 0]', 20, /add up to 0/],
      ['[1, .nan]', 24, /expected a number, got NaN/],
      ['[1, two]', 24, /expected a number, got "two"/],
    ];
    for (const [weights, column, message] of cases)
      assertDiagnostic(broken('[1, 2]', weights), { code: 'BAD_WEIGHTS', line: 12, column, message });
  });

  it('10: is told its YAML syntax', () => {
    assertDiagnostic(broken('[formal, casual]', '[formal, casual'), {
      code: 'YAML_SYNTAX',
      line: 11,
      column: 19,
      message: /^This is not valid YAML: the "\[" here is never closed/,
    });
    assertDiagnostic(broken('      node_type: llm', '\tnode_type: llm'), {
      code: 'YAML_SYNTAX',
      line: 14,
      column: 1,
      message: /^This is not valid YAML: /,
    });
  });

  it('11: is told an alias bomb before it goes off', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `x-${level + 1}: &l${level + 1} [${Array.from({ length: 10 }, () => `*l${level}`).join(', ')}]`,
    );
    assertDiagnostic(`x-0: &l0 [bomb]\n${levels.join('\n')}\n${SOUND}`, {
      code: 'ALIAS_BOMB',
      line: 6,
      message: /expand to \d+ values/,
    });
  });

  it('11: is told an alias inside its own anchor', () => {
    assertDiagnostic(`x-a: &a [1, *a]\n${SOUND}`, {
      code: 'ALIAS_BOMB',
      line: 1,
      column: 13,
      message: '*a stands inside the value that it names',
    });
  });

  it('12: is told a value of the wrong type', () => {
    assertDiagnostic(broken('name: gpt-4o', 'name: [gpt-4o]'), {
      code: 'WRONG_TYPE',
      line: 21,
      column: 15,
      message: '"name": expected a text, got a list',
    });
  });

  it('13: is told an answer of a condition that leads to no node', () => {
    const conditional = 'condition: "./functions.ts#route"\n      path_map:\n        again: tone\n        done: EN';
    assertDiagnostic(broken('to: END', conditional), {
      code: 'UNKNOWN_PATH_TARGET',
      line: 32,
      column: 15,
      message: 'This answer leads to "EN", which is not a node',
      hint: 'Did you mean "END"?',
    });
  });

  it('14: is told that it is empty', () => {
    for (const text of ['', '   \n', '# only a comment\n', '---\n'])
      assertDiagnostic(text, { code: 'EMPTY_FILE', line: 1, column: 1, message: 'This file is empty' });
  });

  it('15: is told where it is not UTF-8', () => {
    const latin1 = Buffer.from(broken('formal', 'für'), 'latin1');
    assertDiagnostic(latin1, {
      code: 'NOT_UTF8',
      line: 11,
      column: 21,
      message: 'This file is not UTF-8: byte 185 (0xfc) is invalid there',
    });
  });

  it('is told all faults together, in the order of the file', () => {
    const text = SOUND.replace('output_keys', 'output_kes')
      .replace('weights: [1, 2]', 'weights: [1]')
      .replace('{text}', '{txt}')
      .replace('    - from: tone\n      to: rephrase', '    - from: tone\n      to: [rephrase, nowhere-at-all]')
      .replace('file_path: input.jsonl', 'file_path: [input.jsonl]');
    assert.deepEqual(summaries(compileText(text).diagnostics), [
      'WRONG_TYPE 4:16',
      'BAD_WEIGHTS 12:20',
      'UNKNOWN_KEY 22:7',
      'UNKNOWN_NODE 27:22',
    ]);
  });

  it('is told faults of its graph although one node cannot be read', () => {
    const text = SOUND.replace('node_type: weighted_sampler', 'node_type: wieghted_sampler')
      .replace('to: END', 'to: EDN')
      .replace('name: gpt-4o', 'nam: gpt-4o');
    assert.deepEqual(summaries(compileText(text).diagnostics), [
      'UNKNOWN_NODE_TYPE 8:18',
      'UNKNOWN_KEY 21:9',
      'UNKNOWN_NODE 29:11',
    ]);
  });

  it('raises no alarm over variables that a function may provide', () => {
    const lambda = `${SOURCE}graph_config:
  nodes:
    any: {node_type: lambda, lambda: "./functions.ts#change"}
    ask: {node_type: llm, model: gpt, prompt: [{user: "{unheard_of}"}]}
  edges: [{from: START, to: any}, {from: any, to: ask}, {from: ask, to: END}]
`;
    assert.deepEqual(compileText(lambda).diagnostics, []);
    assert.deepEqual(
      compileText(lambda.replace('"}\n', '", output_keys: known}\n')).diagnostics.map(({ code }) => code),
      ['UNKNOWN_VARIABLE'],
    );
    assert.deepEqual(compileText(SOUND.replace('{text}', '{any}'), { columns: null }).diagnostics, []);
    const processed = SOUND.replace(
      '      output_keys',
      '      pre_process: "./functions.ts#change"\n      output_keys',
    ).replace('{text}', '{any}');
    assert.deepEqual(compileText(processed).diagnostics, []);
    const transformed = SOUND.replace(
      'input.jsonl\n',
      'input.jsonl\n    transformations: [{transform: "./functions.ts#change"}]\n',
    ).replace('{text}', '{any}');
    assert.deepEqual(compileText(transformed).diagnostics, []);
  });

  it('is told a source that is missing and modules that cannot be found or read', () => {
    const missing = compileText(SOUND, {
      sources: [{ status: 'missing', triedPaths: ['/tasks/demo/input.jsonl', '/input.jsonl'] }],
    });
    assert.deepEqual(summaries(missing.diagnostics), ['SOURCE_NOT_FOUND 4:16']);
    assert.match(missing.diagnostics[0]!.message, /looked for \/tasks\/demo\/input\.jsonl, \/input\.jsonl/);
    const text = SOUND.replace(
      '      output_keys',
      '      post_process: tasks.other.thing\n      pre_process: ./broken.ts#go\n      output_keys',
    );
    const modules = {
      './broken.ts': { status: 'broken', file: '/tasks/demo/broken.ts', message: '3:1 unexpected }' } as const,
    };
    assert.deepEqual(summaries(compileText(text, { modules }).diagnostics), [
      'MODULE_NOT_FOUND 22:21',
      'MODULE_BROKEN 23:20',
    ]);
  });
});
