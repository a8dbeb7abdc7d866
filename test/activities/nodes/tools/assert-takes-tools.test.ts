import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeWork } from '../../../../activities/nodes/node-work.ts';
import { assertTakesTools } from '../../../../activities/nodes/tools/assert-takes-tools.ts';
import type { ModelPlan } from '../../../../pipeline/plan.ts';

const workWith = (tools: boolean): NodeWork =>
  ({ name: 'solve', dependencies: { gateway: { capabilities: async () => ({ structuredOutput: false, samples: false, tools }) } } }) as unknown as NodeWork;
const model = { name: 'plain', type: 'http', modelId: 'm' } as unknown as ModelPlan;
const tools = [{ kind: 'function', function: 'tools.ts#add' }] as const;

describe('models that are offered tools', () => {
  it('must take them', async () => {
    await assert.rejects(assertTakesTools(workWith(false), [model], tools), /"solve" offers tools, and its model "plain" \(http, m\) takes none/);
    await assertTakesTools(workWith(true), [model], tools);
    await assertTakesTools(workWith(false), [model], []);
  });
});
