import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pc from 'picocolors';
import { renderRunEnd, simulatedLine } from '../../../cli/render/run-end.ts';
import { reportOf, type RunReport } from '../../../cli/runs/run-report.ts';
import type { RunStatus } from '../../../pipeline/run-contract.ts';
import { emptyCounts, emptyStatistics } from '../../../pipeline/run-statistics.ts';

const colours = pc.createColors(false);
const live = { nodes: {}, models: {}, reusedFrom: { 'earlier-run': 7 }, waiting: [] };

function report(status: RunStatus, failed = 0): RunReport {
  return reportOf({
    name: { pipeline: 'rephrase', run: 'x' },
    status,
    summary: {
      status,
      output: '/out/x.jsonl',
      failedRecords: failed > 0 ? '/out/x.failed.jsonl' : null,
      counts: { ...emptyCounts(), written: 10 - failed, failed, rows: 10 - failed, total: 10 },
      nodes: { rewrite: { ...emptyStatistics(), records: 10, calls: 3, reused: 7, promptTokens: 20, completionTokens: 30, truncated: 2, cost: null } },
      seconds: 2.5,
    },
    description: null,
    live,
    temporalUi: 'http://127.0.0.1:8233/x',
    seconds: 2.5,
    serverStays: true,
  });
}

describe('reportOf', () => {
  it('makes the object of run --json', () => {
    assert.deepEqual(report('failed_records', 2).json, {
      runId: 'x', status: 'failed_records', output: '/out/x.jsonl', failedRecords: '/out/x.failed.jsonl',
      counts: { total: 10, done: 8, failed: 2 },
      modelCalls: 3, tokens: 50, seconds: 2.5, temporalUi: 'http://127.0.0.1:8233/x', reused: 7, cost: null,
    });
  });
});

describe('renderRunEnd', () => {
  const plain = { colours, cause: null, task: 'rephrase', failed: [] };

  it('names output, Temporal page, reused answers and answers that were cut off', () => {
    const text = renderRunEnd(report('done'), plain).join('\n');
    assert.match(text, /rephrase\/x done: 10 of 10 records, 3 model calls, 50 tokens, 2\.5 s/);
    assert.match(text, /7 answers were reused \(7 from earlier-run\)/);
    assert.match(text, /answers at rewrite: 2 cut off by max_tokens/);
    assert.match(text, /output: +\/out\/x\.jsonl/);
    assert.match(text, /in Temporal: +http/);
    assert.doesNotMatch(text, /--resume/);
  });

  it('names the metadata and the command that shows all figures, once there are some', () => {
    assert.match(renderRunEnd({ ...report('done'), metadata: '/out/x.metadata.json' }, plain).join('\n'), /metadata: +\/out\/x\.metadata\.json\nreport: +syngraph report x$/m);
    assert.doesNotMatch(renderRunEnd({ ...report('paused'), json: { ...report('paused').json, output: null } }, plain).join('\n'), /syngraph report/);
  });

  it('names the files of all sinks', () => {
    const text = renderRunEnd({ ...report('done'), moreOutputs: ['/out/y.csv', '/out/z.parquet'] }, plain).join('\n');
    assert.match(text, /output: +\/out\/x\.jsonl\n +\/out\/y\.csv\n +\/out\/z\.parquet\n/);
  });

  it('advises on a missed target only where the run has ended by itself', () => {
    const target = { wanted: 50, accepted: 23, candidates: 50 };
    const missed = (status: RunStatus): string => renderRunEnd({ ...report(status), json: { ...report(status).json, target } }, plain).join('\n');
    assert.match(missed('done'), /23 of 50 wanted rows were accepted, out of 50 candidates\. Raise max_candidates/);
    assert.match(missed('cancelled'), /23 of 50 wanted rows were accepted, out of 50 candidates\.$/m);
  });

  it('says once more which answers are simulated, and how to get real ones', () => {
    const text = renderRunEnd({ ...report('done'), simulatedModels: ['gpt'] }, plain).join('\n');
    assert.match(text, /The answers of gpt are simulated: no model was called for them\. For real ones set OPENAI_API_KEY or SYGRA_GPT_URL and run again\./);
  });

  it('groups failed records and says how to try them again', () => {
    const record = { id: 'r1', ordinal: 0, node: 'rewrite', code: 'MODEL_REJECTED', message: 'HTTP 500', attempts: 6 };
    const text = renderRunEnd(report('failed_records', 2), { ...plain, again: 'syngraph retry x (--plan TASK takes a mended pipeline)', failed: [{ node: 'rewrite', code: 'MODEL_REJECTED', count: 2, records: [record] }] }).join('\n');
    assert.match(text, /rewrite {2}MODEL_REJECTED: 2 records\n {2}r1 \(6 attempts\): HTTP 500\n {2}… and 1 more/);
    assert.match(text, /failed records: +\/out\/x\.failed\.jsonl/);
    assert.match(text, /try them again: +syngraph retry \S+ \(--plan TASK/);
  });

  it('says why a run is paused, what to do and how to go on', () => {
    const cause = { code: 'MODEL_MISCONFIGURED', message: '401 from http://x', nextStep: 'Set OPENAI_API_KEY.', node: 'rewrite' };
    const text = renderRunEnd(report('paused'), { ...plain, cause }).join('\n');
    assert.match(text, /paused at node rewrite: 401 from http:\/\/x \[MODEL_MISCONFIGURED\]\n {2}Set OPENAI_API_KEY\./);
    assert.match(text, /go on with: +syngraph run rephrase --resume x/);
  });
});

describe('simulatedLine', () => {
  it('names the variables that would make it real', () => {
    assert.match(simulatedLine(['gpt 4o-mini']), /SYGRA_GPT_4O_MINI_URL/);
  });
});
