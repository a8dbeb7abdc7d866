import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { figure, type Figure } from '../harness/report.ts';
import { REPHRASE, sourceText } from '../harness/workspace.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 1000;

const TWO_PROMPTS = REPHRASE.replace('  edges:', `    praise:
      node_type: llm
      model: { name: writer }
      prompt:
        - user: "Praise: {rephrased}"
      output_keys: praised
    title:
      node_type: llm
      model: { name: writer }
      prompt:
        - user: "Title for: {text}"
      output_keys: title
  edges:`).replace('{ from: rephrase, to: END }', '{ from: rephrase, to: praise }\n    - { from: praise, to: title }\n    - { from: title, to: END }');

/** Answers of earlier runs are reused: one more record, an edited prompt, `--fresh`, another seed. */
export async function reuse(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 5 }, records: RECORDS, graph: TWO_PROMPTS }, async (scene) => {
    const { folder } = scene.workspace;
    const callsOf = async (...flags: string[]): Promise<{ calls: number; says: boolean }> => {
      await scene.endpoint.reset();
      const run = await scene.run(...flags);
      if (run.exitCode !== 0) throw new Error(run.stderr);
      return { calls: (await scene.endpoint.stats()).calls, says: /reused/i.test(run.stderr) };
    };
    const first = await callsOf();
    await appendFile(join(folder, 'input.jsonl'), `${JSON.stringify({ id: RECORDS, text: sourceText(RECORDS) })}\n`);
    const grown = await callsOf();
    const path = join(folder, 'graph_config.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace('Praise: ', 'Praise loudly: '));
    const edited = await callsOf();
    const same = await callsOf();
    await writeFile(path, (await readFile(path, 'utf8')).replace('Rephrase as', 'Rephrase it as'));
    const upstream = await callsOf();
    const fresh = await callsOf('--fresh');
    const seeded = await callsOf('--seed', '7');
    const row = (what: string, found: number, wanted: number): Figure => figure(what, { measured: String(found), required: String(wanted), met: found === wanted });
    return [
      row('first run, three llm nodes', first.calls, 3 * RECORDS),
      row('one more record: one call per llm node', grown.calls, 3),
      row('one prompt edited: its node only, as nothing depends on it', edited.calls, RECORDS + 1),
      row('nothing changed', same.calls, 0),
      row('an earlier prompt edited: its node and the one that depends on it', upstream.calls, 2 * (RECORDS + 1)),
      row('--fresh', fresh.calls, 3 * (RECORDS + 1)),
      row('--seed 7', seeded.calls, 3 * (RECORDS + 1)),
      figure('the run says what was reused', { measured: grown.says ? 'yes' : 'no', required: 'yes', met: grown.says }),
    ];
  });
}
