import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
before(async () => {
  place = await createWorkplace();
  await place.write({
    'survey/graph_config.yaml': `data_config:
  source: { type: disk, file_path: in.jsonl }
  id_column: n
graph_config:
  nodes:
    draw:
      node_type: weighted_sampler
      attributes:
        mood: { values: { column: [good, bad], source: { type: disk, file_path: moods.jsonl } } }
        age: { sampler: uniform, low: 18, high: 65, decimal_places: 0 }
        customer: { sampler: person, locale: de, fields: [first_name, city] }
    check: { node_type: human_review, show: [n, mood], edit: [mood], instructions: Is the mood right? }
  edges:
    - { from: START, to: draw }
    - { from: draw, to: check }
    - { from: check, to: END }
`,
    'survey/in.jsonl': ['a', 'b', 'c'].map((n) => `${JSON.stringify({ n })}\n`).join(''),
    'survey/moods.jsonl': '{"good": "glad", "bad": "sad"}\n{"good": "calm", "bad": "cross"}\n',
  });
});
after(() => place.remove());

interface Listing {
  waiting: number;
  reviews: { id: string; show: Record<string, string> }[];
}

it('review shows the records that wait, writes what is decided, and the run goes on', async () => {
  const run = place.start(['run', 'survey', '--run-id', 'one', '--output', 'out.jsonl']);
  const pending = join(place.folder, '.syngraph', 'runs', 'survey', 'one', 'reviews', 'pending.jsonl');
  while (!existsSync(pending)) {
    assert.equal(run.child.exitCode, null, 'the run waits for the decisions');
    await sleep(50);
  }
  const listed = await place.syngraph(['review', 'one', '--json']);
  const found = JSON.parse(listed.output) as Listing;
  assert.equal(found.waiting, 3);
  const status = await place.syngraph(['status', 'one']);
  assert.match(status.output, /0 of 3 records done, 0 failed, 3 waiting\n/, status.errors);
  const moods = found.reviews.map(({ id, show }) => [id, show['mood']]);
  assert.deepEqual(moods.map(([id]) => id), ['a', 'b', 'c']);
  assert.match(String(moods[0]?.[1]), /^(glad|sad)$/);
  assert.match(String(moods[1]?.[1]), /^(calm|cross)$/);

  const refused = await place.syngraph(['review', 'one', '--edit', 'a', 'n=z']);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.errors, /"n" cannot be edited at check; what can is mood/);

  const edited = await place.syngraph(['review', 'one', '--edit', 'a', 'mood=dull', '--reviewer', 'ann']);
  assert.match(edited.output, /1 record of survey\/one decided on; 2 still to go\./, edited.errors);
  const rest = await place.syngraph(['review', 'one', '--approve', 'all', '--reject', 'c', '--comment', 'no such mood', '--reviewer', 'ann', '--json']);
  assert.deepEqual(JSON.parse(rest.output), { pipeline: 'survey', runId: 'one', decided: 2, waiting: 0, told: true });

  const { exitCode, errors } = await run.ended;
  assert.equal(exitCode, 3, errors);
  const rows = (await readFile(join(place.folder, 'out.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(rows.map(({ n, review }) => [n, (review as { decision: string }).decision]), [['a', 'edit'], ['b', 'approve']]);
  assert.equal(rows[0]?.['mood'], 'dull');
  assert.ok(rows.every((row) => Number(row['age']) >= 18 && typeof row['customer_first_name'] === 'string' && typeof row['customer_city'] === 'string'));
  assert.match(await readFile(join(place.folder, 'out.failed.jsonl'), 'utf8'), /REVIEW_REJECTED.*rejected by ann: no such mood/);
});
