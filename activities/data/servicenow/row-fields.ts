import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';

/**
 * A row as the Table API takes it: all values as text, lists and objects as JSON. The fields of a
 * custom table (`u_…`) get its prefix, as ServiceNow names them. Null leaves a field as it is on
 * insert, and empties it on update.
 */
export function rowFields(row: JsonObject, options: { table: string; operation: 'insert' | 'update' }): Record<string, string> {
  const { table, operation } = options;
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(row)) {
    const text = fieldText(value);
    // The instance gives out ids itself.
    if (name === 'sys_id' || (text === null && operation === 'insert')) continue;
    fields[fieldName(name, table)] = text ?? '';
  }
  return fields;
}

export function fieldName(name: string, table: string): string {
  return table.startsWith('u_') && !/^(?:u_|sys_)/.test(name) ? `u_${name}` : name;
}

/** Of a field that was read with its display text, the value. */
export function plainValue(value: JsonValue | undefined): JsonValue {
  return isJsonObject(value ?? null) && Object.hasOwn(value as JsonObject, 'value')
    ? plainValue((value as JsonObject)['value'])
    : (value ?? null);
}

export function fieldText(value: JsonValue | undefined): string | null {
  const plain = plainValue(value);
  if (plain === null) return null;
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
}

/** The id of a row that the instance answers with; empty where it gives none. */
export function idOf(row: JsonValue): string {
  const id = isJsonObject(row) ? row['sys_id'] : null;
  return typeof id === 'string' ? id : '';
}
