import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** Operators of ServiceNow's encoded queries that compare a field with a value. */
export const SERVICENOW_OPERATORS = [
  '=',
  '!=',
  '>',
  '>=',
  '<',
  '<=',
  'IN',
  'NOT IN',
  'LIKE',
  'NOT LIKE',
  'CONTAINS',
  'STARTSWITH',
  'ENDSWITH',
  'BETWEEN',
  'ISEMPTY',
  'ISNOTEMPTY',
] as const;

export interface FilterFault {
  field: string;
  message: string;
  allowed?: string[];
}

/**
 * `filters` as an encoded query: a value means equality, a list any of its values, and
 * `{operator, value}` what it says. Conditions are joined by "and".
 */
export function encodeFilters(filters: JsonObject): { query: string; faults: FilterFault[] } {
  const faults: FilterFault[] = [];
  const conditions = Object.entries(filters).map(([field, filter]) => {
    if (!/^[A-Za-z_][\w.]*$/.test(field)) faults.push({ field, message: `"${field}" cannot be a field` });
    const condition = encodeCondition(field, filter);
    if (typeof condition === 'string') return condition;
    faults.push(condition);
    return '';
  });
  return { query: conditions.join('^'), faults };
}

/** One condition that a field has this value. */
export function equals(field: string, value: string): string {
  return `${field}=${escapeValue(value)}`;
}

function encodeCondition(field: string, filter: JsonValue): string | FilterFault {
  if (!isJsonObject(filter)) return encodeOperator(field, Array.isArray(filter) ? 'IN' : '=', filter);
  const operator = filter['operator'] ?? '=';
  const unknown = Object.keys(filter).find((key) => key !== 'operator' && key !== 'value');
  if (unknown !== undefined) {
    return { field, message: `The filter of "${field}" has the unknown key "${unknown}"`, allowed: ['operator', 'value'] };
  }
  const known = SERVICENOW_OPERATORS.find(
    (candidate) => typeof operator === 'string' && candidate === operator.trim().toUpperCase(),
  );
  if (known !== undefined) return encodeOperator(field, known, filter['value'] ?? null);
  const message = `There is no operator ${JSON.stringify(operator)}`;
  return { field, message, allowed: [...SERVICENOW_OPERATORS] };
}

function encodeOperator(
  field: string,
  operator: (typeof SERVICENOW_OPERATORS)[number],
  value: JsonValue,
): string | FilterFault {
  if (operator === 'ISEMPTY' || operator === 'ISNOTEMPTY') return field + operator;
  const values = (Array.isArray(value) ? value : [value]).map(scalarText);
  if (values.length === 0 || values.includes(null)) {
    return { field, message: `The filter of "${field}" needs a text, number or boolean, or a list of them` };
  }
  const texts = values as string[];
  if (operator === 'BETWEEN') {
    if (texts.length !== 2) return { field, message: `BETWEEN of "${field}" needs a list of two values` };
    return `${field}BETWEEN${texts.map(escapeValue).join('@')}`;
  }
  if (operator === 'IN' || operator === 'NOT IN') return encodeList(field, operator, texts);
  if (texts.length > 1) {
    return { field, message: `${operator} of "${field}" takes one value, not a list`, allowed: ['IN', 'NOT IN'] };
  }
  return `${field}${operator}${escapeValue(texts[0]!)}`;
}

function encodeList(field: string, operator: 'IN' | 'NOT IN', texts: string[]): string {
  // A comma parts the values of IN and cannot be escaped there; a single text may be such a list already.
  if (texts.length === 1 || texts.every((text) => !text.includes(','))) {
    return `${field}${operator}${texts.map(escapeValue).join(',')}`;
  }
  const [one, glue] = operator === 'IN' ? ['=', '^OR'] : ['!=', '^'];
  return texts.map((text) => `${field}${one}${escapeValue(text)}`).join(glue);
}

function scalarText(value: JsonValue): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** A caret parts conditions; doubled it is one. */
function escapeValue(text: string): string {
  return text.replaceAll('^', '^^');
}

/** Rows in an order that does not change from page to page. */
export function withOrder(query: string, { fields, descending }: { fields: string[]; descending: boolean }): string {
  const orders = fields.map((field) => `ORDERBY${descending ? 'DESC' : ''}${field}`);
  if (!fields.includes('sys_id')) orders.push('ORDERBYsys_id');
  return [...(query === '' ? [] : [query]), ...orders].join('^');
}
