import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileRanges } from '../../activities/data/byte-ranges.ts';
import { readParquet } from '../../activities/data/parquet-reader.ts';
import { writeOutput } from '../../activities/data/write-output.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { connectClient } from '../../worker/connect-client.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { figure, type Figure } from '../harness/report.ts';
import { readRun, withScene } from '../harness/scene.ts';
import { runCommand } from '../harness/command.ts';

const RECORDS = 200;
const IMAGE_BYTES = 20 * 1024 * 1024;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const CAPTIONS = `
data_config:
  source: { type: disk, file_path: images.parquet }
  id_column: id
graph_config:
  nodes:
    caption:
      node_type: llm
      model: { name: writer }
      prompt:
        - user:
            - { type: text, text: 'Describe image {id}.' }
            - { type: image_url, image_url: '{image}' }
      output_keys: caption
  edges:
    - { from: START, to: caption }
    - { from: caption, to: END }
output_config:
  output_map: { id: { from: id }, caption: { from: caption }, image: { from: image } }
`;

/** A 20 MB image in each of 200 records, from Parquet through a model call to Parquet. */
export async function largeImages(): Promise<Figure[]> {
  return withScene({ script: {}, records: 1, graph: CAPTIONS }, async ({ workspace }) => {
    const path = (name: string): string => join(workspace.folder, name);
    const hashes = await writeSource(path('images.parquet'));
    const server = await ensureServer({ storeFolder: path('.syngraph'), environment: process.env, onProgress: () => undefined });
    const { client, close } = await connectClient(server);
    try {
      const run = readRun(await runCommand(['run', '.', '--json', '--output', 'out.parquet', '--run-id', 'counted'], workspace));
      if (run.exitCode !== 0) throw new Error(run.stderr);
      let events = 0;
      let bytes = 0;
      for await (const { workflowId, runId } of client.workflow.list({ query: `SyngraphRun = 'counted'` })) {
        const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
        events += history.events?.length ?? 0;
        bytes += JSON.stringify(history).length;
      }
      const kept = await readHashes(path('out.parquet'));
      const same = [...hashes].filter(([id, hash]) => kept.get(id) === hash).length;
      const gigabytes = ((await stat(path('out.parquet'))).size / 1e9).toFixed(2);
      const rate = ((RECORDS * IMAGE_BYTES) / 1e6 / run.seconds).toFixed(0);
      return [
        figure('events and bytes of histories a record', { measured: `${(events / RECORDS).toFixed(2)} and ${(bytes / RECORDS).toFixed(0)} bytes`, required: '≤ 2 events, < 4 kB', met: events > 0 && events / RECORDS <= 2 && bytes / RECORDS < 4096 }),
        figure('peak memory of our processes', { measured: `${run.peakMegabytes.toFixed(0)} MB in ${run.seconds.toFixed(0)} s (${rate} MB of images a second)`, required: '< 2000 MB, of 4000 MB of images', met: run.peakMegabytes < 2000 }),
        figure('images that the output has with the same sha256', { measured: `${same} of ${RECORDS} (${gigabytes} GB)`, required: 'all', met: same === RECORDS }),
      ];
    } finally {
      await close();
      await server.release();
    }
  });
}

/** Image columns as Hugging Face lays them out, of random bytes behind a PNG's first ones. Returns the sha256 of each by its record. */
async function writeSource(path: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const name = (id: number): string => `${String(id).padStart(64, '0')}.png`;
  const rows = async function* (): AsyncGenerator<JsonObject> {
    for (let id = 0; id < RECORDS; id += 1) yield { id: String(id), image: { $media: name(id), path: `${id}.png`, type: 'image/png' } };
  };
  const media = {
    size: () => Promise.resolve(IMAGE_BYTES),
    read: (file: string) => {
      const content = Buffer.concat([PNG_SIGNATURE, randomBytes(IMAGE_BYTES - PNG_SIGNATURE.length)]);
      hashes.set(String(Number(file.slice(0, 64))), createHash('sha256').update(content).digest('hex'));
      return Promise.resolve(content);
    },
  };
  await writeOutput({ rows, path, format: 'parquet', encoding: 'utf-8', media });
  return hashes;
}

async function readHashes(path: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const ranges = await openFileRanges(path);
  try {
    for await (const rows of readParquet({ ranges, name: path })) {
      for (const { id, image } of rows as { id: string; image: { bytes: string } }[]) hashes.set(id, createHash('sha256').update(Buffer.from(image.bytes, 'base64')).digest('hex'));
    }
  } finally {
    await ranges.close();
  }
  return hashes;
}
