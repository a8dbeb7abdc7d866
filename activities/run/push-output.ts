import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../pipeline/json.ts';
import type { HubSinkPlan } from '../../pipeline/plan.ts';
import { describeDataset } from '../data/dataset-card.ts';
import type { KeyedRow } from '../data/servicenow/sink-ledger.ts';
import { writeOutput } from '../data/write-output.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { cardFacts } from './card-facts.ts';
import { createOccurrences } from './occurrences.ts';
import { rowsOfSink } from './rows-of-sink.ts';
import type { RunContext } from './run-context.ts';
import { createMediaSource } from './place-media.ts';
import { openSinkLedger } from './sink-ledger.ts';

export interface PushOutputOptions {
  dependencies: ActivityDependencies;
  run: RunContext;
  rows: () => AsyncIterable<JsonObject>;
  signal: AbortSignal;
}

/** Brings the rows to the sinks elsewhere. Doing it again changes nothing there. */
export async function pushOutput(options: PushOutputOptions): Promise<void> {
  for (const sink of options.run.description.hubSinks) await pushToHubSink(options, sink);
  await pushToServiceNow(options);
}

/** Writes the rows as Parquet and makes them the split. */
async function pushToHubSink({ dependencies, run, rows, signal }: PushOutputOptions, plan: HubSinkPlan): Promise<void> {
  const { pushToHub } = await import('../data/hub-sink.ts');
  const { reference } = run.description;
  const { type: _, alias, where, card, ...sink } = plan;
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-push-'));
  const path = join(folder, 'output.parquet');
  try {
    const own = (): AsyncIterable<JsonObject> => rowsOfSink(rows(), { alias, ...(where === undefined ? {} : { where }) }, run.plan.sinks);
    await writeOutput({ rows: own, path, format: 'parquet', encoding: 'utf-8', media: createMediaSource(dependencies.store) });
    const commitMessage = `Syngraph run ${reference.pipeline}/${reference.run}`;
    const facts = card === null ? null : await cardFacts(run, plan, own());
    const describe = facts === null ? {} : { describe: (text: string): string => describeDataset(text, facts) };
    await pushToHub({ ...sink, ...describe, files: [path], environment: dependencies.environment, commitMessage, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pushToServiceNow({ dependencies, run, rows, signal }: PushOutputOptions): Promise<void> {
  const { store, environment } = dependencies;
  const { reference } = run.description;
  const { sinks } = run.plan;
  for (const [index, sink] of sinks.entries()) {
    if (sink.type !== 'servicenow') continue;
    const { writeServiceNow } = await import('../data/servicenow/servicenow-sink.ts');
    const ledger = await openSinkLedger(store, `${run.folder}/sinks/${index}`);
    try {
      const scope = `${reference.pipeline}/${reference.run}/${index}`;
      await writeServiceNow({ sink, rows: () => keyedRows(rowsOfSink(rows(), sink, sinks)), ledger, scope, environment, signal });
    } finally {
      await ledger.close();
    }
  }
}

/** A row's key is its content and how often that has come before: it stays when more records are finished later. */
async function* keyedRows(rows: AsyncIterable<JsonObject>): AsyncGenerator<KeyedRow> {
  const occurrences = createOccurrences();
  for await (const row of rows) {
    const content = createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 24);
    yield { key: occurrences.unique(content), row };
  }
}
