import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFailures, type FailureCounts } from '../../../../activities/run/metadata/count-failures.ts';

test('failures are counted by node and code, whatever the node is called', async () => {
  async function* lines(): AsyncGenerator<string[]> {
    for (const nodes of [['constructor', 'say'], [], ['constructor']]) yield nodes.map((node) => JSON.stringify({ node, code: 'MODEL_REJECTED' }));
  }
  const counts: FailureCounts = {};
  for await (const _ of countFailures(lines(), counts));
  assert.deepEqual({ ...counts }, { constructor: { MODEL_REJECTED: 2 }, say: { MODEL_REJECTED: 1 } });
  assert.equal(Object.hasOwn(Object, 'MODEL_REJECTED'), false);
});
