import { rm } from 'node:fs/promises';
import type { JsonObject } from '../../pipeline/json.ts';
import { writeOutput } from '../data/write-output.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { RunContext } from './run-context.ts';

/** Writes the rows as Parquet and makes them the split of each Hub sink. Doing it again changes nothing there. */
export async function pushOutput(options: {
  dependencies: ActivityDependencies;
  run: RunContext;
  rows: () => AsyncIterable<JsonObject>;
  signal: AbortSignal;
}): Promise<void> {
  const { dependencies, run, rows, signal } = options;
  const { hubSinks, reference } = run.description;
  if (hubSinks.length === 0) return;
  const { pushToHub } = await import('../data/hub-sink.ts');
  const path = await dependencies.store.localPath(`${run.folder}/push/output.parquet`);
  await writeOutput({ rows, path, format: 'parquet', encoding: 'utf-8' });
  for (const { type: _, ...sink } of hubSinks) {
    const commitMessage = `Syngraph run ${reference.pipeline}/${reference.run}`;
    await pushToHub({ ...sink, files: [path], environment: dependencies.environment, commitMessage, signal });
  }
  await rm(path, { force: true });
}
