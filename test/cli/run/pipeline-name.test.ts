import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pipelineNameOf } from '../../../cli/run/pipeline-name.ts';

describe('pipelineNameOf', () => {
  it('reads the name off every spelling of a task', () => {
    const cases: [string, string][] = [
      ['examples/rephrase', 'rephrase'],
      ['examples/rephrase/', 'rephrase'],
      ['tasks.examples.rephrase', 'rephrase'],
      ['rephrase', 'rephrase'],
      ['examples/rephrase/graph_config.yaml', 'rephrase'],
      ['pipelines/judge.yml', 'judge'],
    ];
    for (const [task, name] of cases) assert.equal(pipelineNameOf(task, '/home/ada/work'), name);
  });
});
