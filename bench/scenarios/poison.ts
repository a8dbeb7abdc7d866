import { readFile } from 'node:fs/promises';
import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, withScene } from '../harness/scene.ts';

const RECORDS = 1000;
const POISON = Array.from({ length: 15 }, (_, index) => 31 + index * 60);

/** 15 records of 1,000 whose call always fails with 500; then the same command with a healthy endpoint. */
export async function poison(): Promise<Figure[]> {
  const rules = POISON.map((id) => ({ match: `Record ${id}:`, behaviour: 500 }));
  return withScene({ script: { latencyMilliseconds: 50, rules }, records: RECORDS }, async (scene) => {
    const run = await scene.run();
    const rows = (await scene.workspace.lines('out.jsonl')).length;
    const failed = (await readFile(run.json?.failedRecords ?? '', 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { node: string; attempts: number; message: string; state: { id: number } });
    const named = failed.filter((record) => POISON.includes(record.state.id) && record.node === 'rephrase' && record.attempts >= 1 && record.message !== '').length;
    await scene.endpoint.control({ rules: [] });
    const before = (await scene.endpoint.stats()).calls;
    const healthy = await scene.run();
    const calls = (await scene.endpoint.stats()).calls - before;
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    return [
      figure('rows, named failed records, exit code', { measured: `${rows}, ${named} of ${failed.length}, ${run.exitCode} in ${run.seconds.toFixed(1)} s`, required: '985, 15 of 15, 3', met: rows === 985 && named === 15 && failed.length === 15 && run.exitCode === 3 }),
      figure('the same command again: calls, exit code, missing / doubled', { measured: `${calls}, ${healthy.exitCode}, ${missing} / ${doubled}`, required: '15, 0, 0 / 0', met: calls === 15 && healthy.exitCode === 0 && missing + doubled === 0 }),
    ];
  });
}
