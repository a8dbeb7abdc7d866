import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../worker/workflow-bundle.ts';

const FOLDER = new URL('../fixtures/histories/', import.meta.url);

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Runs that users have open must go on with today's code: change workflows with `patched`. */
for (const name of (await readdir(FOLDER)).filter((file) => file.endsWith('.json'))) {
  test(`replays the recorded history ${name}`, async () => {
    const { workflowId, history } = JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as { workflowId: string; history: unknown };
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
  });
}

test('tells a history that today’s code cannot have made', async () => {
  const { workflowId, history } = JSON.parse(await readFile(new URL('loop.batch.json', FOLDER), 'utf8')) as { workflowId: string; history: { events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[] } };
  for (const event of history.events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType.name === 'runNode') scheduled.activityType.name = 'runEdge';
  }
  await assert.rejects(Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId), /[Nn]ondeterminism|no longer matches/);
});
