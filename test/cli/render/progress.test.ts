import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pc from 'picocolors';
import { renderProgressBlock, renderProgressLine, secondsLeft, type RunView } from '../../../cli/render/progress.ts';
import { emptyCounts, emptyStatistics } from '../../../pipeline/run-statistics.ts';

const colours = pc.createColors(false);

function view(change: Partial<RunView> = {}): RunView {
  return {
    name: 'rephrase/x',
    progress: { status: 'running', pause: null, staged: 1000, stagedAll: true, counts: { ...emptyCounts(), written: 390, failed: 10 }, reviews: 0,
    batches: { open: 3, closed: 4 } },
    live: {
      nodes: { rewrite: { ...emptyStatistics(), records: 450, calls: 430, reused: 20, failed: 10, promptTokens: 1000, completionTokens: 500, cost: 0.5, inFlight: 100 } },
      models: { gpt: { inFlight: 90, queued: 30, window: 128, overloaded: 0 } },
      reusedFrom: {},
      waiting: [],
    },
    finished: 400,
    elapsedSeconds: 40,
    recordsPerSecond: 10,
    callsPerSecond: 11,
    ...change,
  };
}

describe('renderProgressBlock', () => {
  it('shows the whole and each node', () => {
    const lines = renderProgressBlock(view(), { colours, columns: 120 });
    assert.match(lines[0]!, /^rephrase\/x {2}400 of 1,000 records \(40 %\), 10 failed$/);
    assert.match(lines[2]!, /^ {2}rewrite +450 +10 +20 +100$/);
    assert.match(lines[3]!, /10\.0\/s records, 11\.0\/s calls, 90 in flight, 30 queued, 20 reused, 1,500 tokens, \$0\.50, 40 s, 1 min 00 s left/);
  });

  it('says why calls wait', () => {
    const { live } = view();
    const lines = renderProgressBlock(view({ live: { ...live, waiting: ['gpt does not answer'] } }), { colours, columns: 120 });
    assert.equal(lines.at(-1), '  waiting: gpt does not answer');
  });

  it('says how many records wait until they may go on', () => {
    const waiting = { ...view().progress!, waiting: 1_600, staged: 2_000 };
    assert.match(renderProgressLine(view({ progress: waiting })), /^400 of 2,000 records \(20 %\), 10 failed, 1,600 waiting, /);
  });

  it('keeps every line within the terminal', () => {
    for (const columns of [5, 20, 40]) {
      for (const line of renderProgressBlock(view(), { colours, columns })) assert.ok(line.length <= columns, line);
    }
  });

  it('says that it is starting before the run answers', () => {
    const live = { nodes: {}, models: {}, reusedFrom: {}, waiting: [] };
    assert.match(renderProgressLine(view({ progress: null, live, recordsPerSecond: null })), /^starting, 40 s, /);
  });
});

describe('renderProgressLine', () => {
  it('does not count records before any is known', () => {
    const progress = { ...view().progress!, staged: 0, stagedAll: false, counts: emptyCounts() };
    assert.match(renderProgressLine(view({ progress, finished: 0, recordsPerSecond: null })), /^reading the source, /);
  });
});

describe('secondsLeft', () => {
  it('follows the rate', () => assert.equal(secondsLeft(view()), 60));

  it('says nothing while the source is still being staged, or before any rate', () => {
    assert.equal(secondsLeft(view({ recordsPerSecond: null })), null);
    const { progress } = view();
    assert.equal(secondsLeft(view({ progress: { ...progress!, stagedAll: false } })), null);
  });
});
