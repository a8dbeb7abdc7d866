import assert from 'node:assert/strict';
import { writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createWorkplace, type Workplace } from './workplace.ts';

const SOUND = `data_config:
  source: { type: disk, file_path: in.jsonl }
graph_config:
  nodes:
    tone:
      node_type: weighted_sampler
      attributes:
        style:
          values: [formal, casual]
          weights: [1, 2]
    ask:
      node_type: llm
      model: { name: gpt }
      prompt:
        - user: "Rewrite {text} in a {style} way"
      output_keys: answer
    check:
      node_type: lambda
      lambda: ./functions.ts#check
      output_keys: good
  edges:
    - { from: START, to: tone }
    - { from: tone, to: ask }
    - { from: ask, to: check }
    - from: check
      condition: ./functions.ts#choose
      path_map:
        again: ask
        end: END
`;

const change = (passage: string, by: string): string => {
  assert.ok(SOUND.includes(passage), passage);
  return SOUND.replace(passage, by);
};

const BOMB = `${Array.from({ length: 12 }, (_, level) => `x${level}: &a${level} [${Array.from({ length: 9 }, () => (level === 0 ? 'z' : `*a${level - 1}`)).join(', ')}]`).join('\n')}\n`;

/** What is wrong, the file, the place that is pointed at, and what the message tells. */
const CASES: [string, string | Uint8Array, RegExp][] = [
  ['unknown key', change('      output_keys: answer', '      output_keyz: answer'), /yaml:16:7 error .*output_keyz.*\n.*\n +\| +\^+\n[^]*"output_keys"/],
  ['misspelt node type', change('node_type: llm', 'node_type: lmm'), /yaml:12:18 error .*lmm.*\n.*\n +\| +\^+\n(.*\n)?.*llm/],
  ['edge to nowhere', change('from: tone, to: ask', 'from: tone, to: aks'), /yaml:23:25 error .*aks[^]*\^+[^]*Did you mean "ask"/],
  ['unreachable node', change('    - { from: START, to: tone }\n    - { from: tone, to: ask }', '    - { from: START, to: ask }\n    - { from: tone, to: ask }'), /yaml:5:5 error .*tone.*\n.*\n +\| +\^+/],
  ['no path to END', change('        end: END', '        end: ask'), /yaml:\d+:\d+ error .*END[^]*\^/],
  ['prompt variable that nothing provides', change('{text}', '{txet}'), /yaml:15:26 error .*txet[^]*\^{4,6}[^]*"text"/],
  ['missing function export', change('functions.ts#check', 'functions.ts#chekc'), /yaml:19:15 error \w+\/functions\.ts does not export "chekc"[^]*\^+[^]*"check"/],
  ['duplicate node', change('    check:\n', '    ask:\n'), /yaml:17:5 error .*"ask" exists already, in line 11[^]*\^{3}/],
  ['bad weights', change('[1, 2]', '[1, -2]'), /yaml:10:\d+ error .*\n.*\n +\| +\^+/],
  ['YAML syntax', change('[formal, casual]', '[formal, casual'), /yaml:9:19 error This is not valid YAML: the "\[" here is never closed[^]*\^/],
  ['alias bomb', `${BOMB}${SOUND}`, /yaml:\d+:\d+ error The aliases up to[^]*\^/],
  ['wrong type', change('        style:\n          values: [formal, casual]', '        style:\n          values: formal'), /yaml:9:19 error .*list of values.*"formal".*\n.*\n +\| +\^+\n\n1 error/],
  ['path_map target missing', change('again: ask', 'again: aks'), /yaml:28:16 error .*aks[^]*\^{3}[^]*"ask"/],
  ['empty file', '', /yaml:1:1 error .*empty/],
  ['not UTF-8', Buffer.from(change('Rewrite', 'R\u00e9write'), 'latin1'), /yaml:15:19 error This file is not UTF-8: byte \d+ \(0xe9\)[^]*\^[^]*Save the file as UTF-8/],
];

describe('syngraph validate', () => {
  let place: Workplace;
  const answers = new Map<string, { exitCode: number; errors: string }>();
  before(async () => {
    place = await createWorkplace();
    await place.write({ 'sound/graph_config.yaml': SOUND });
    for (const [index, [, content]] of [...CASES, ['', SOUND] as const].entries()) {
      const folder = join(place.folder, index === CASES.length ? 'sound' : `task${index}`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'graph_config.yaml'), content);
      await writeFile(join(folder, 'in.jsonl'), '{"text":"one"}\n');
      await writeFile(join(folder, 'functions.ts'), 'export const check = () => ({ good: true });\nexport const choose = () => "end";\n');
    }
    const { errors } = await place.program(join(import.meta.dirname, 'validate-many.ts'), CASES.map((_, index) => `task${index}`));
    let from = 0;
    for (const { 0: line, 1: task, 2: exitCode, index } of errors.matchAll(/^\{"task":"(\w+)","exitCode":(\d+)\}\n/gm)) {
      answers.set(task!, { exitCode: Number(exitCode), errors: errors.slice(from, index) });
      from = index + line.length;
    }
  });
  after(() => place.remove());

  it('finds nothing wrong with a sound pipeline', async () => {
    const { exitCode, errors } = await place.syngraph(['validate', 'sound']);
    assert.deepEqual([exitCode, errors], [0, '']);
  });

  for (const [index, [what, , expected]] of CASES.entries()) {
    it(`points at the fault: ${what}`, () => {
      const { exitCode, errors } = answers.get(`task${index}`)!;
      assert.equal(exitCode, 2);
      assert.match(errors, expected);
      assert.match(errors, /\d+ errors? in task\d+\.\n$/);
      assert.doesNotMatch(errors, /\n\s+at |node_modules|INTERNAL/);
      assert.doesNotMatch(errors, new RegExp(place.folder));
    });
  }
});
