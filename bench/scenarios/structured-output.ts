import { readFile } from 'node:fs/promises';
import { BROKEN_CLASSES, type BrokenClass } from '../../fake-model/script.ts';
import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 1000;
const SHARE = 0.3;
/** Mended without a call. */
const WRITTEN_BADLY: BrokenClass[] = ['fence', 'prose', 'trailing_comma', 'single_quotes'];
/** Asked again with the fault. */
const WRONG: BrokenClass[] = ['wrong_type', 'missing_key'];

const GRAPH = `
data_config: {source: {type: disk, file_path: input.jsonl}}
graph_config:
  nodes:
    judge:
      node_type: llm
      model:
        name: writer
        structured_output: {schema: {fields: {score: {type: int}, comment: {type: str}, good: {type: bool}}}}
      prompt: [{user: "Judge {text}"}]
      output_keys: [score, comment, good]
  edges: [{from: START, to: judge}, {from: judge, to: END}]
output_config: {output_map: {id: {from: id}, score: {from: score}, comment: {from: comment}, good: {from: good}}}
`;

interface Measured {
  /** Broken answers by class, as the endpoint has counted them. */
  broken: Partial<Record<BrokenClass, number>>;
  calls: number;
  rows: number;
  invalidRows: number;
  failed: { code: string; message: string }[];
  seconds: number;
}

/** 30 % of the answers are broken, in six ways; of each conversation the first `times` answers. */
async function play(classes: readonly BrokenClass[], times: number): Promise<Measured> {
  const answer = { json: { score: 4, comment: '{prompt}', good: true } };
  const script = { latencyMilliseconds: [5, 20] as [number, number], answer, broken: { share: SHARE, classes: [...classes], times } };
  return withScene({ script, records: RECORDS, graph: GRAPH }, async (scene) => {
    const run = await scene.run();
    const lines = (await scene.workspace.lines('out.jsonl')).filter((line) => line !== '');
    const failedFile = run.json?.failedRecords ?? null;
    const failed = failedFile === null ? [] : (await readFile(failedFile, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Measured['failed'][number]);
    const { broken, calls } = await scene.endpoint.stats();
    return { broken, calls, rows: lines.length, invalidRows: lines.filter(isInvalid).length, failed, seconds: run.seconds };
  });
}

function isInvalid(line: string): boolean {
  const { score, comment, good } = JSON.parse(line) as Record<string, unknown>;
  return score !== 4 || typeof comment !== 'string' || good !== true;
}

export async function structuredOutput(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const broken of WRITTEN_BADLY) {
    const { broken: counts, calls, rows, invalidRows } = await play([broken], 1);
    const count = counts[broken] ?? 0;
    figures.push(figure(`${broken}: answers broken, calls beyond the records, rows`, { measured: `${count}, ${calls - RECORDS}, ${rows}`, required: `> 0, 0, ${RECORDS}`, met: count > 0 && calls === RECORDS && rows === RECORDS && invalidRows === 0 }));
  }
  for (const broken of WRONG) {
    for (const times of [1, 2]) {
      const { broken: counts, calls, rows, invalidRows } = await play([broken], times);
      const records = (counts[broken] ?? 0) / times;
      figures.push(figure(`${broken}, ${times} times: records, calls to repair each, rows`, { measured: `${records}, ${((calls - RECORDS) / records).toFixed(2)}, ${rows}`, required: `> 0, ≤ 2, ${RECORDS}`, met: records > 0 && calls - RECORDS <= 2 * records && rows === RECORDS && invalidRows === 0 }));
    }
  }
  const all = await play(BROKEN_CLASSES, 9);
  const hopeless = WRONG.reduce((sum, broken) => sum + (all.broken[broken] ?? 0), 0) / 3;
  const named = all.failed.filter(({ code, message }) => code === 'ANSWER_INVALID' && /score/.test(message)).length;
  figures.push(figure('all six, never right: records failed with the message of the validation', { measured: `${named} of ${hopeless}`, required: 'all', met: named === hopeless && all.failed.length === hopeless }));
  figures.push(figure('invalid in the output; rows', { measured: `${all.invalidRows}; ${all.rows} in ${all.seconds.toFixed(1)} s`, required: `0; ${RECORDS - hopeless}`, met: all.invalidRows === 0 && all.rows === RECORDS - hopeless }));
  return figures;
}
