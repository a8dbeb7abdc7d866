import { readFile } from 'node:fs/promises';
import type { Behaviour } from '../../fake-model/script.ts';
import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 60;
const ODD: [Behaviour, number][] = [['hang', 3], ['cut_body', 8], ['bad_json', 14], ['huge', 21], ['empty_choices', 29], ['length', 33], ['refuse', 38], ['empty', 44], ['content_filter', 50]];

/** Answers that never come, are cut, malformed, far too long, empty, truncated or refused: each ends in a named error, never in a hung run. */
export async function oddAnswers(): Promise<Figure[]> {
  const rules = ODD.map(([behaviour, id]) => ({ match: `Record ${id}:`, behaviour }));
  return withScene({ script: { latencyMilliseconds: 10, rules }, records: RECORDS, model: { timeout: 2 } }, async (scene) => {
    const run = await scene.run();
    const failed = (await readFile(run.json?.failedRecords ?? '', 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { code: string; message: string; attempts: number; state: { id: number } });
    const rows = ODD.map(([behaviour, id]): Figure => {
      const record = failed.find((candidate) => candidate.state.id === id);
      return figure(`record whose answer is "${String(behaviour)}"`, { measured: record === undefined ? 'not failed' : `${record.code} after ${record.attempts}: ${record.message.slice(0, 90)}`, required: 'a named error', met: record !== undefined && record.message !== '' });
    });
    const written = (await scene.workspace.lines('out.jsonl')).length;
    return [...rows, figure('rows of the others, exit code', { measured: `${written}, ${run.exitCode} in ${run.seconds.toFixed(1)} s`, required: `${RECORDS - ODD.length}, 3`, met: written === RECORDS - ODD.length && run.exitCode === 3 })];
  });
}
