import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveCounters } from '../../../activities/run/run-files.ts';
import { sumLive } from '../../../cli/runs/read-live.ts';
import { emptyStatistics } from '../../../pipeline/run-statistics.ts';

const now = Date.parse('2026-11-21T13:00:00Z');

function worker(change: Partial<LiveCounters> = {}): LiveCounters {
  return {
    updatedAt: new Date(now - 500).toISOString(),
    nodes: { rewrite: { ...emptyStatistics(), records: 10, calls: 8, inFlight: 5 } },
    models: { gpt: { inFlight: 5, queued: 2, window: 64, overloaded: 1 } },
    reusedFrom: { old: 2 },
    waiting: null, paid: { calls: 0, tokens: 0, cost: 0 },
    ...change,
  };
}

describe('sumLive', () => {
  it('sums the workers of a run', () => {
    const totals = sumLive([worker(), worker({ waiting: 'gpt is down' }), worker({ waiting: 'gpt is down' })], now);
    assert.equal(totals.nodes.rewrite?.records, 30);
    assert.equal(totals.nodes.rewrite?.inFlight, 15);
    assert.deepEqual(totals.models.gpt, { inFlight: 15, queued: 6, window: 192, overloaded: 3 });
    assert.deepEqual(totals.reusedFrom, { old: 6 });
    assert.deepEqual(totals.waiting, ['gpt is down']);
  });

  it('counts the answers of a batch that is still open, and never more than have entered', () => {
    const half = worker({ nodes: { rewrite: { ...emptyStatistics(), records: 10, calls: 40, reused: 3, inFlight: 50 } } });
    const repeated = worker({ nodes: { rewrite: { ...emptyStatistics(), records: 10, calls: 400, inFlight: 50 } } });
    const shown = (live: LiveCounters): number[] => {
      const { records, inFlight } = sumLive([live], now).nodes.rewrite!;
      return [records, inFlight];
    };
    assert.deepEqual(shown(half), [43, 17]);
    assert.deepEqual(shown(repeated), [60, 0]);
    assert.deepEqual(shown({ ...half, updatedAt: new Date(now - 60_000).toISOString() }), [10, 0]);
  });

  it('leaves START out, which is no node of the pipeline', () => {
    assert.deepEqual(sumLive([worker({ nodes: { START: { ...emptyStatistics(), records: 5, inFlight: 0 } } })], now).nodes, {});
  });

  it('keeps what a dead worker has done and forgets what it had in flight', () => {
    const dead = worker({ updatedAt: new Date(now - 60_000).toISOString(), waiting: 'gone' });
    const totals = sumLive([dead], now);
    assert.equal(totals.nodes.rewrite?.records, 10);
    assert.equal(totals.nodes.rewrite?.inFlight, 0);
    assert.deepEqual(totals.models, {});
    assert.deepEqual(totals.waiting, []);
  });
});
