import { SyngraphError } from '../../../pipeline/errors.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { ServiceNowSinkPlan } from '../../../pipeline/plan.ts';
import { connectionSettings } from './connection-settings.ts';
import { RowWriter } from './row-writer.ts';
import { ServiceNowClient } from './servicenow-client.ts';
import { ServiceNowFailure, serviceNowError } from './servicenow-failure.ts';
import type { KeyedRow, SinkLedger } from './sink-ledger.ts';
import { isTableMissing, makeFields, makeTable } from './table-maker.ts';

export interface ServiceNowWriteOptions {
  sink: ServiceNowSinkPlan;
  rows: () => AsyncIterable<KeyedRow>;
  ledger: SinkLedger;
  /** Unique to run and sink; with a row's key it is the mark of the row. */
  scope: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Rows under way at once: instances limit what one user may ask for. */
const CONCURRENCY = 4;
/** Where not one of so many rows is taken, the others will not be either. */
const MOST_REFUSALS_AT_FIRST = 20;
/** Rows that the columns of a new table are told from. */
const SAMPLE_ROWS = 100;
/** Of the ledger: a table that this run makes. */
const TABLE_KEY = 'table';

/**
 * Writes rows that the ledger does not have. Each is noted before it is sent and after it was
 * taken; one that was sent without an answer is looked up before it is sent again.
 * @throws SyngraphError SINK_FAILED: at once where nothing can be written, at the end where rows were refused
 */
export async function writeServiceNow(options: ServiceNowWriteOptions): Promise<{ written: number }> {
  const { sink, environment, signal } = options;
  const code = 'SINK_FAILED';
  const client = await ServiceNowClient.open(connectionSettings({ connection: sink.connection, environment, code }), signal);
  try {
    await prepareTable(client, options);
    return await writeRows(client, options);
  } catch (error) {
    throw serviceNowError(error, { table: sink.table, code });
  } finally {
    await client.close();
  }
}

/** Makes a custom table that is missing; one that was made halfway is completed. */
async function prepareTable(client: ServiceNowClient, { sink, rows, ledger }: ServiceNowWriteOptions): Promise<void> {
  if (sink.operation === 'update' || ledger.stateOf(TABLE_KEY) === 'written') return;
  const isMissing = await isTableMissing(client, sink.table);
  if (!isMissing && ledger.stateOf(TABLE_KEY) === 'new') return;
  const samples: JsonObject[] = sink.correlationField === null ? [] : [{ [sink.correlationField]: '' }];
  for await (const { row } of rows()) if (samples.push(row) > SAMPLE_ROWS) break;
  await ledger.sending(TABLE_KEY);
  if (isMissing) await makeTable(client, sink.table);
  await makeFields(client, sink.table, samples);
  await ledger.written(TABLE_KEY, '');
}

async function writeRows(client: ServiceNowClient, options: ServiceNowWriteOptions): Promise<{ written: number }> {
  const { sink, rows, ledger, signal } = options;
  const writer = new RowWriter({ client, sink, ledger, scope: options.scope });
  const refusals: { count: number; first: string | null } = { count: 0, first: null };
  let written = 0;
  let fault: unknown = null;
  const underWay = new Set<Promise<void>>();
  const write = async ({ key, row }: KeyedRow): Promise<void> => {
    try {
      await writer.write(key, row);
      written += 1;
    } catch (error) {
      if (!(error instanceof ServiceNowFailure && error.isOfRow)) {
        fault ??= error;
        return;
      }
      refusals.count += 1;
      refusals.first ??= error.message;
    }
  };
  for await (const keyed of rows()) {
    signal.throwIfAborted();
    if (fault !== null || (written === 0 && refusals.count >= MOST_REFUSALS_AT_FIRST)) break;
    if (ledger.stateOf(keyed.key) === 'written') continue;
    const writing = write(keyed).finally(() => underWay.delete(writing));
    underWay.add(writing);
    if (underWay.size >= CONCURRENCY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (fault !== null) throw fault as Error;
  if (refusals.count > 0) throw refused(sink, { ...refusals, written });
  return { written };
}

function refused(sink: ServiceNowSinkPlan, { count, first, written }: { count: number; first: string | null; written: number }): SyngraphError {
  return new SyngraphError({
    code: 'SINK_FAILED',
    message: `The ServiceNow table ${sink.table} did not take ${count} rows, and took ${written}; the first: ${first ?? ''}.`,
    nextStep: 'Mend the table, the rights or the output columns, then resume the run: rows that were taken are not sent again.',
    details: { table: sink.table, refused: count, written },
  });
}
