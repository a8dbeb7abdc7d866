import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resumeCommand } from '../../../cli/render/resume-command.ts';

test('a run is gone on with by its task, and one that tags a dataset, whose task nobody has written, by its name', () => {
  assert.equal(resumeCommand({ name: 'quiz/night', task: 'tasks/quiz' }), 'syngraph run tasks/quiz --resume night');
  assert.equal(resumeCommand({ name: 'quiz/night', task: null, workflowType: 'pipeline' }), 'syngraph run TASK --resume night');
  assert.equal(resumeCommand({ name: 'quality-quiz/night', task: '/store/tasks/1a2b/quality-quiz', workflowType: 'quality' }), 'syngraph run --resume quality-quiz/night');
});
