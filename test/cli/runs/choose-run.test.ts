import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseRun } from '../../../cli/runs/choose-run.ts';
import { checkRunId, newRunId, type RunName } from '../../../cli/runs/run-name.ts';

const runs: RunName[] = [
  { pipeline: 'a', run: '20261121-1303-x7k2' },
  { pipeline: 'a', run: '20261121-1404-bbbb' },
  { pipeline: 'b', run: 'mine' },
  { pipeline: 'c', run: 'mine-too' },
];

describe('chooseRun', () => {
  it('takes a run, a pipeline and run, or a beginning that only one has', () => {
    assert.equal(chooseRun(runs, 'a/20261121-1404-bbbb'), runs[1]);
    assert.equal(chooseRun(runs, '20261121-13'), runs[0]);
    assert.equal(chooseRun(runs, 'c/'), runs[3]);
  });

  it('prefers a run of exactly that name to one that begins so', () => assert.equal(chooseRun(runs, 'mine'), runs[2]));

  it('prefers a run to the one that tags its output, which can be named in full', () => {
    const tagged = [...runs, { pipeline: 'quality-b', run: 'mine' }, { pipeline: 'quality-c', run: 'other' }];
    assert.equal(chooseRun(tagged, 'mine'), runs[2]);
    assert.equal(chooseRun(tagged, 'quality-b/mine'), tagged[4]);
    assert.equal(chooseRun(tagged, 'quality-b'), tagged[4]);
    assert.equal(chooseRun(tagged, 'other'), tagged[5]);
  });

  it('lists the candidates where several begin so', () => {
    assert.throws(() => chooseRun(runs, '2026'), { code: 'RUN_NOT_FOUND', message: /any of 2 runs: a\/20261121-1404-bbbb, a\/20261121-1303-x7k2/ });
  });

  it('suggests the nearest where none begins so', () => {
    assert.throws(() => chooseRun(runs, 'mien'), { code: 'RUN_NOT_FOUND', message: /did you mean mine\?/ });
    assert.throws(() => chooseRun([], 'x'), { code: 'RUN_NOT_FOUND', message: /no runs/ });
    assert.throws(() => chooseRun([runs[0]!], ''), { code: 'RUN_NOT_FOUND' });
  });
});

describe('newRunId', () => {
  it('says when, in local time, and differs each time', () => {
    const now = new Date(2026, 10, 21, 13, 3);
    assert.match(newRunId(now), /^20261121-1303-[a-z0-9]{4}$/);
    assert.equal(checkRunId(newRunId(now)).length, 18);
  });
});

describe('checkRunId', () => {
  it('refuses what cannot name a folder and a workflow', () => {
    for (const id of ['', '../x', 'a/b', '.hidden', 'a b', 'x'.repeat(101)]) assert.throws(() => checkRunId(id), { code: 'USAGE' }, id);
  });
});
