import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  BreadthPromptGenerator,
  ChooseStrategy,
  EvolInstructPromptGenerator,
  StrategyRoute,
} from '../../recipes/evol_instruct/task_executor.ts';

const choose = (state: object, config: object = {}): string => new ChooseStrategy().apply(config, state).evol_instruct_strategy;
const ALL = ['add_constraints', 'breadth', 'complicate_input', 'concretise', 'deepen', 'increase_reasoning'];

describe('the recipe evol_instruct', () => {
  it('draws from all strategies, and for the same record always the same', () => {
    const drawn = Array.from({ length: 200 }, (_, id) => choose({ id, text: 'Name a river.' }));
    assert.deepEqual([...new Set(drawn)].sort(), ALL);
    assert.deepEqual(drawn, Array.from({ length: 200 }, (_, id) => choose({ id, text: 'Name a river.' })));
  });

  it('keeps to the algorithm of the state, else to that of the node', () => {
    const depth = Array.from({ length: 100 }, (_, id) => choose({ id, text: 'a' }, { params: { algorithm: 'depth' } }));
    assert.deepEqual([...new Set(depth)].sort(), ALL.filter((name) => name !== 'breadth'));
    assert.equal(choose({ text: 'a', algorithm: 'breadth' }, { params: { algorithm: 'depth' } }), 'breadth');
    assert.equal(choose({ text: 'a', algorithm: 'deepen' }), 'deepen');
  });

  it('names the algorithms there are where it does not know one, and the key where there is no text', () => {
    assert.throws(() => choose({ text: 'a', algorithm: 'deeper' }), /"deeper"; it is one of random, depth, add_constraints/);
    assert.throws(() => choose({ id: 1 }), /no text to evolve/);
  });

  it('routes breadth apart from depth, and puts the instruction into the prompt as it is', () => {
    assert.equal(new StrategyRoute().apply({ evol_instruct_strategy: 'breadth' }), 'breadth');
    assert.equal(new StrategyRoute().apply({ evol_instruct_strategy: 'concretise' }), 'depth');
    fc.assert(
      fc.property(fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''), (text) => {
        const harder = new EvolInstructPromptGenerator().apply({}, { text, evol_instruct_strategy: 'deepen' });
        const wider = new BreadthPromptGenerator().apply({}, { text });
        for (const { evol_instruct_final_prompt: prompt } of [harder, wider]) assert.ok(prompt.includes(`\n${text}\n`));
        assert.notEqual(harder.evol_instruct_final_prompt, wider.evol_instruct_final_prompt);
      }),
    );
  });

  it('chooses itself where the prompt generator is used without the node before', () => {
    const { evol_instruct_final_prompt: prompt } = new EvolInstructPromptGenerator().apply({}, { text: 'Name a river.' });
    assert.match(prompt, /Name a river\./);
  });
});
