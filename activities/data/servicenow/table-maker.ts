import type { JsonObject } from '../../../pipeline/json.ts';
import { equals } from '../../../pipeline/servicenow-query.ts';
import { fieldName, plainValue } from './row-fields.ts';
import type { ServiceNowClient } from './servicenow-client.ts';
import { ServiceNowFailure } from './servicenow-failure.ts';

/** ServiceNow's own short texts and long ones. */
const SHORT_TEXT = 255;
const LONG_TEXT = 4000;

/** Whether a custom table is missing. Users who may not look are believed to write to one that exists. */
export async function isTableMissing(client: ServiceNowClient, table: string): Promise<boolean> {
  if (!table.startsWith('u_')) return false;
  const path = `/api/now/table/sys_db_object?${new URLSearchParams({ sysparm_query: equals('name', table), sysparm_fields: 'sys_id', sysparm_limit: '1' }).toString()}`;
  try {
    const { result } = await client.call({ method: 'GET', path });
    return Array.isArray(result) && result.length === 0;
  } catch (error) {
    if (error instanceof ServiceNowFailure && (error.status === 403 || error.status === 404)) return false;
    throw error;
  }
}

export async function makeTable(client: ServiceNowClient, table: string): Promise<void> {
  const body = { name: table, label: labelOf(table), is_extendable: 'false', access: 'public' };
  await client.call({ method: 'POST', path: '/api/now/table/sys_db_object', body });
}

/** Adds the columns that the table lacks, with types that hold the values of the rows. */
export async function makeFields(client: ServiceNowClient, table: string, rows: readonly JsonObject[]): Promise<void> {
  const query = new URLSearchParams({ sysparm_query: equals('name', table), sysparm_fields: 'element', sysparm_limit: '1000' });
  const { result } = await client.call({ method: 'GET', path: `/api/now/table/sys_dictionary?${query.toString()}` });
  const known = new Set((Array.isArray(result) ? result : []).map((entry) => plainValue((entry as JsonObject)['element'])));
  const values = new Map<string, unknown[]>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const field = fieldName(name, table);
      if (field.startsWith('sys_') || known.has(field)) continue;
      values.set(field, [...(values.get(field) ?? []), plainValue(value)]);
    }
  }
  for (const [field, samples] of values) {
    const body = { name: table, element: field, column_label: labelOf(field), ...fieldType(samples), active: 'true', read_only: 'false' };
    await client.call({ method: 'POST', path: '/api/now/table/sys_dictionary', body });
  }
}

function fieldType(samples: unknown[]): { internal_type: string; max_length: string } {
  const given = samples.filter((sample) => sample !== null);
  const are = (test: (sample: unknown) => boolean): boolean => given.length > 0 && given.every(test);
  if (are((sample) => typeof sample === 'boolean')) return { internal_type: 'boolean', max_length: '40' };
  if (are(Number.isInteger)) return { internal_type: 'integer', max_length: '40' };
  if (are((sample) => typeof sample === 'number')) return { internal_type: 'decimal', max_length: '40' };
  const isShort = given.every((sample) => typeof sample !== 'string' ? typeof sample !== 'object' : sample.length <= SHORT_TEXT);
  return { internal_type: 'string', max_length: String(isShort ? SHORT_TEXT : LONG_TEXT) };
}

function labelOf(name: string): string {
  const words = name.replace(/^u_/, '').split('_').filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
