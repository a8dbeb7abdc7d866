import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workflowFailure } from '../../../cli/runs/workflow-failure.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';

describe('workflowFailure', () => {
  it('finds our error beneath the layers of Temporal', () => {
    const inner = Object.assign(new Error('the source has changed: notes.jsonl'), { type: 'SOURCE_CHANGED', details: [{ nextStep: 'Start a new run.' }] });
    const outer = new Error('Workflow execution failed', { cause: new Error('Activity task failed', { cause: inner }) });
    const error = workflowFailure(outer);
    assert.ok(error instanceof SyngraphError);
    assert.equal(error.code, 'SOURCE_CHANGED');
    assert.equal(error.message, 'the source has changed: notes.jsonl');
    assert.equal(error.nextStep, 'Start a new run.');
  });

  it('gives the innermost error where none is ours', () => {
    const error = workflowFailure(new Error('outer', { cause: new TypeError('x is not a function') }));
    assert.equal(error.message, 'x is not a function');
    assert.equal(workflowFailure('text').message, 'text');
  });
});
