import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ServiceNowSourcePlan } from '../../../pipeline/plan.ts';
import type { SourceIdentity, SourceRow } from '../record-source.ts';
import { connectionSettings } from './connection-settings.ts';
import { fieldText } from './row-fields.ts';
import { ServiceNowClient, type ServiceNowReply } from './servicenow-client.ts';
import { serviceNowError } from './servicenow-failure.ts';

export interface ServiceNowReadOptions {
  source: ServiceNowSourcePlan;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/**
 * The rows of a table that the query finds, page by page. With `display_value: all` a field is its
 * value, or `{value, display_value}` where the two differ.
 */
export async function* readServiceNowSource(options: ServiceNowReadOptions): AsyncGenerator<SourceRow[]> {
  const { source } = options;
  yield* withClient(options, async function* (client) {
    const size = Math.min(source.batchSize, source.limit ?? Infinity);
    for (let offset = 0; ; offset += size) {
      const path = tablePath(source, { query: source.query, fields: source.fields, limit: size, offset });
      const reply = await client.call({ method: 'GET', path });
      const rows = rowsOf(reply);
      const wanted = rows.slice(0, (source.limit ?? Infinity) - offset);
      if (wanted.length > 0) yield wanted.map((row): SourceRow => ({ ok: true, row: flatRow(row) }));
      const end = offset + size;
      if (end >= (source.limit ?? Infinity) || !hasMore(reply, { end, isFull: rows.length >= size })) return;
    }
  });
}

/** How many rows the query finds, and when one was last changed. */
export async function readServiceNowIdentity(
  source: ServiceNowSourcePlan,
  environment: NodeJS.ProcessEnv,
): Promise<SourceIdentity> {
  const options = { source, environment, signal: new AbortController().signal };
  const filter = source.query.replace(/(?:^|\^)ORDERBY(?:DESC)?[\w.]+/g, '');
  const query = filter === '' ? 'ORDERBYDESCsys_updated_on' : `${filter}^ORDERBYDESCsys_updated_on`;
  for await (const reply of withClient(options, async function* (client) {
    const path = tablePath(source, { query, fields: ['sys_updated_on'], limit: 1, offset: 0 });
    yield await client.call({ method: 'GET', path });
  })) {
    const changed = fieldText(rowsOf(reply)[0]?.['sys_updated_on']);
    const version = `${header(reply, 'x-total-count') ?? 'unknown'} rows, changed ${changed ?? 'never'}`;
    return { name: source.table, version, bytes: null };
  }
  throw new RangeError('there was no reply');
}

async function* withClient<Item>(
  { source, environment, signal }: ServiceNowReadOptions,
  use: (client: ServiceNowClient) => AsyncGenerator<Item>,
): AsyncGenerator<Item> {
  const code = 'SOURCE_INVALID';
  const settings = connectionSettings({ connection: source.connection, environment, code });
  const client = await ServiceNowClient.open(settings, signal);
  try {
    yield* use(client);
  } catch (error) {
    throw serviceNowError(error, { table: source.table, code });
  } finally {
    await client.close();
  }
}

interface PageOptions {
  query: string;
  fields: string[] | null;
  limit: number;
  offset: number;
}

function tablePath(source: ServiceNowSourcePlan, { query, fields, limit, offset }: PageOptions): string {
  const parameters = new URLSearchParams({
    sysparm_query: query,
    sysparm_limit: String(limit),
    sysparm_offset: String(offset),
    sysparm_display_value: source.displayValue,
    sysparm_exclude_reference_link: String(source.excludeReferenceLink),
  });
  if (fields !== null) parameters.set('sysparm_fields', fields.join(','));
  return `/api/now/table/${source.table}?${parameters.toString()}`;
}

/** Rows that the user may not see are left out of a page, so that a short page need not be the last one. */
function hasMore(reply: ServiceNowReply, { end, isFull }: { end: number; isFull: boolean }): boolean {
  const link = header(reply, 'link');
  if (link !== null) return /;\s*rel="?next"?/i.test(link);
  const total = header(reply, 'x-total-count');
  return total === null ? isFull : end < Number(total);
}

function header(reply: ServiceNowReply, name: string): string | null {
  const value = reply.headers[name];
  return value === undefined ? null : [value].flat().join(', ');
}

function rowsOf({ result }: ServiceNowReply): JsonObject[] {
  return Array.isArray(result) ? result.filter(isJsonObject) : [];
}

function flatRow(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, flatField(value)]));
}

function flatField(field: JsonValue): JsonValue {
  if (!isJsonObject(field) || !('value' in field) || !('display_value' in field)) return field;
  const { value, display_value: shown, link } = field;
  if (!shown || shown === value) return value ?? null;
  return { value: value ?? null, display_value: shown, ...(link ? { link } : {}) };
}
