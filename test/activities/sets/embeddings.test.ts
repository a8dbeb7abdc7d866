import assert from 'node:assert/strict';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { GatewayEmbedding, GatewayVectors } from '../../../activities/models/model-gateway.ts';
import { PauseRun } from '../../../activities/nodes/pause-run.ts';
import { Sketches } from '../../../activities/sets/sketches.ts';
import type { SetOperationPlan } from '../../../pipeline/plan.ts';
import { emptyStatistics } from '../../../pipeline/run-statistics.ts';
import { createSetScene, type SetScene, texts } from './set-scene.ts';

const MODELS = { embedder: { name: 'embedder', modelId: 'small', maxAttempts: 2 } };
const DEDUPLICATE: Extract<SetOperationPlan, { kind: 'deduplicate_embedding' }> = {
  kind: 'deduplicate_embedding', field: 'text', threshold: 0.9, model: 'embedder', mode: 'nearest_neighbor', keep: 'first', report: null,
};

/** A text such as "30" is the vector of that angle. */
const angle = (text: string): Float32Array => Float32Array.of(Math.cos((Number(text) * Math.PI) / 180), Math.sin((Number(text) * Math.PI) / 180));

interface Served extends SetScene {
  calls: string[][];
}

async function serve(answer: (texts: string[]) => Float32Array[] = (list) => list.map(angle)): Promise<Served> {
  const calls: string[][] = [];
  const embed = async ({ texts: list, onStart }: GatewayEmbedding): Promise<GatewayVectors> => {
    onStart?.();
    calls.push(list);
    const vectors = answer(list);
    return Promise.resolve({ vectors, promptTokens: list.length, latencyMilliseconds: 1, endpoint: '' });
  };
  return { ...(await createSetScene({ gateway: { embed }, models: MODELS })), calls };
}

const failure = (kind: 'passing' | 'configuration' | 'permanent', reason: 'overloaded' | 'unauthorized' | 'rejected'): ModelCallError =>
  new ModelCallError({ kind, reason, message: `${reason} by the endpoint`, ...(kind === 'passing' ? { retryAfterMilliseconds: 1 } : {}) });

describe('deduplication by embeddings', () => {
  it('drops what is near a kept record, in either mode and from either end', async () => {
    const scene = await serve();
    // cos 20° is 0.94, cos 40° is 0.77: each drops its neighbour alone.
    const states = texts('0', '20', '40', '100', null, '20');
    assert.deepEqual(await scene.kept(DEDUPLICATE, states), [0, 2, 3, 4]);
    assert.deepEqual(await scene.kept({ ...DEDUPLICATE, mode: 'all_pairs' }, states), [0, 2, 3, 4]);
    assert.deepEqual(await scene.kept({ ...DEDUPLICATE, keep: 'last' }, states), [3, 4, 5]);
    await scene.close();
  });

  it('asks for every distinct text once, in batches, whatever attempts came before', async () => {
    let failing = true;
    const scene = await serve((list) => {
      if (failing && list.includes('70')) throw failure('configuration', 'unauthorized');
      return list.map(angle);
    });
    const states = texts(...Array.from({ length: 200 }, (_, index) => String(index % 100)));
    await assert.rejects(scene.decide(DEDUPLICATE, states), PauseRun);
    const paid = scene.calls.flat().filter((text) => !scene.calls.some((call) => call.includes('70') && call.includes(text)));
    failing = false;
    scene.calls.length = 0;
    await scene.kept(DEDUPLICATE, states);
    const asked = scene.calls.flat();
    assert.equal(new Set(asked).size, asked.length);
    assert.ok(paid.length > 0);
    assert.deepEqual(asked.filter((text) => paid.includes(text)), []);
    assert.ok(scene.calls.every((call) => call.length <= 32));
    await scene.close();
  });

  it('leaves out lines of the journal that were cut', async () => {
    const scene = await serve();
    await scene.kept(DEDUPLICATE, texts('0', '90'));
    const folder = join(scene.folder, 'store/runs/demo/one/sets/dedup');
    const [segment] = await readdir(folder);
    const file = join(folder, segment!);
    const line = (await readFile(file, 'utf8')).split('\n')[0]!;
    await appendFile(file, line.slice(0, -3));
    scene.calls.length = 0;
    assert.deepEqual(await scene.kept(DEDUPLICATE, texts('0', '90', '91')), [0, 1]);
    assert.deepEqual(scene.calls, [['91']]);
    await scene.close();
  });

  it('fails the record whose text the model refuses, and no other', async () => {
    const scene = await serve((list) => {
      if (list.includes('13')) throw failure('permanent', 'rejected');
      return list.map(angle);
    });
    const decisions = await scene.decide(DEDUPLICATE, texts(...Array.from({ length: 18 }, (_, index) => String(index * 1 + 0))));
    assert.deepEqual(decisions.map(({ kind }) => kind).filter((kind) => kind === 'failed').length, 1);
    assert.deepEqual(decisions[13], { kind: 'failed', code: 'MODEL_REJECTED', message: 'rejected by the endpoint' });
    await scene.close();
  });

  it('waits out passing failures, and counts calls and tokens', async () => {
    let failures = 3;
    const scene = await serve((list) => {
      if (failures-- > 0) throw failure('passing', 'overloaded');
      return list.map(angle);
    });
    const statistics = emptyStatistics();
    const decisions = await scene.decide(DEDUPLICATE, texts('0', '90'), { statistics });
    assert.deepEqual(decisions.map(({ kind }) => kind), ['keep', 'keep']);
    assert.deepEqual([statistics.calls, statistics.failedCalls, statistics.promptTokens, statistics.cost], [1, 3, 2, 0]);
    await scene.close();
  });

  it('writes the report that SyGra writes', async () => {
    const scene = await serve();
    const report = { file: null, form: 'document', maxPairs: 10, idField: 'id', settings: { field: 'text' } } as const;
    await scene.kept({ ...DEDUPLICATE, report }, [{ id: 'a', text: '0' }, { id: 'b', text: '0' }, { text: '90' }]);
    assert.deepEqual(JSON.parse(await readFile(join(scene.folder, 'semantic_dedup_report_demo.json'), 'utf8')), {
      field: 'text', input_count: 3, output_count: 2, dropped_count: 1, pairs_reported: 1, max_pairs_in_report: 10,
      duplicates: [{ kept_index: 0, dropped_index: 1, kept_id: 'a', dropped_id: 'b', similarity: 1 }],
    });
    await scene.close();
  });

  it('refuses vectors of several lengths', async () => {
    const scene = await serve((list) => list.map((_, index) => new Float32Array(2 + index).fill(1)));
    await assert.rejects(scene.decide(DEDUPLICATE, texts('0', '90')), /a vector of 3 numbers after one of 2/);
    await scene.close();
  });
});

describe('sketches', () => {
  it('pass over unlike vectors and hardly ever over like ones', () => {
    const [dimensions, threshold, pairs] = [96, 0.9, 2000];
    let seed = 1;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
    const sketches = new Sketches({ count: pairs * 3, dimensions, threshold });
    let [missed, spared] = [0, 0];
    for (let pair = 0; pair < pairs; pair += 1) {
      const base = Float32Array.from({ length: dimensions }, random);
      const other = Float32Array.from({ length: dimensions }, random);
      const norm = (vector: Float32Array): number => Math.hypot(...vector);
      // cos = 0.9: the share of an orthogonal part is tan(acos 0.9).
      const projection = base.reduce((sum, value, index) => sum + value * other[index]!, 0) / norm(base) ** 2;
      const aside = other.map((value, index) => value - projection * base[index]!);
      const scale = (Math.tan(Math.acos(threshold)) * norm(base)) / norm(aside);
      const near = base.map((value, index) => value + scale * aside[index]!);
      [base, other, near].forEach((vector, index) => sketches.add(pair * 3 + index, vector));
      if (!sketches.mayBeSimilar(pair * 3, pair * 3 + 2)) missed += 1;
      if (!sketches.mayBeSimilar(pair * 3, pair * 3 + 1)) spared += 1;
    }
    assert.ok(missed <= 4, `missed ${missed} of ${pairs}`);
    assert.ok(spared >= 0.99 * pairs, `spared ${spared} of ${pairs}`);
  });
});

describe('a diverse selection', () => {
  it('keeps records that lie far apart, by a model', async () => {
    const scene = await serve();
    assert.deepEqual(await scene.kept({ kind: 'select_diverse', field: 'text', count: 3, model: 'embedder' }, texts('0', '10', '90', '170', '95', '180')), [0, 2, 5]);
    await scene.close();
  });

  it('keeps records whose words differ, without a model', async () => {
    const scene = await serve();
    const states = texts('a cat sat on a mat', 'a cat sat on a rug', 'stocks fell sharply on monday', 'a cat sat on a mat today', null, 'whisk two eggs with sugar');
    const kept = await scene.kept({ kind: 'select_diverse', field: 'text', count: 3, model: null }, states);
    assert.deepEqual(kept, [0, 2, 5]);
    assert.deepEqual(await scene.kept({ kind: 'select_diverse', field: 'text', count: 10, model: null }, states), [0, 1, 2, 3, 5]);
    await scene.close();
  });
});
