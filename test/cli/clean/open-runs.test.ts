import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeModel } from '../../../fake-model/start-fake-model.ts';
import { createWorkplace, questions } from '../workplace.ts';

test('a paused run is open: clean refuses its name, leaves it whatever its age, and takes it once it has ended', async (context) => {
  const fake = await startFakeModel({ script: { latencyMilliseconds: 300 } });
  const place = await createWorkplace();
  const environment = { SYGRA_GPT_URL: fake.url };
  context.after(async () => {
    await place.syngraph(['down'], environment);
    await place.remove();
    await fake.close();
  });
  await place.write({ ...questions(200), 'quiz/models.yaml': 'gpt: { model_type: openai, model: fake }\n' });
  const call = (...words: string[]): ReturnType<typeof place.syngraph> => place.syngraph(words, environment);
  await call('run', 'quiz', '--detach', '--run-id', 'one', '--concurrency', '2', '--batch-size', '10');
  await call('pause', 'one');
  const refused = await call('clean', 'one', '--yes');
  assert.equal(refused.exitCode, 2, refused.errors);
  assert.match(refused.errors, /quiz\/one is open/);
  const kept = await call('clean', '--older-than', '1s', '--keep-size', '1', '--unfinished', '--yes', '--json');
  assert.deepEqual((JSON.parse(kept.output) as { kept: object[] }).kept, [{ pipeline: 'quiz', runId: 'one', state: 'open' }]);
  const runs = join(place.folder, '.syngraph/runs/quiz');
  assert.deepEqual(await readdir(runs), ['one']);
  await call('cancel', 'one');
  for (;;) {
    const { errors, exitCode } = await call('clean', 'one', '--yes');
    if (exitCode === 0) break;
    assert.match(errors, /quiz\/one is open/);
  }
  assert.deepEqual(await readdir(runs), []);
});
