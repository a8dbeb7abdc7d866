import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { ServiceNowSinkPlan } from '../../../pipeline/plan.ts';
import { equals } from '../../../pipeline/servicenow-query.ts';
import { fieldName, fieldText, idOf, rowFields } from './row-fields.ts';
import type { ServiceNowClient } from './servicenow-client.ts';
import { ServiceNowFailure } from './servicenow-failure.ts';
import type { SinkLedger } from './sink-ledger.ts';

const INSERT_ATTEMPTS = 4;
/** Longer texts are not compared when a row is looked up: instances may cut them. */
const MOST_COMPARED_CHARACTERS = 100;
const MOST_COMPARED_FIELDS = 10;
/** Instances take times of a query in the time zone of the user, whatever it is. */
const TIME_ZONES_MILLISECONDS = 26 * 3_600_000;

/** Writes single rows, each once. */
export class RowWriter {
  readonly #client: ServiceNowClient;
  readonly #sink: ServiceNowSinkPlan;
  readonly #ledger: SinkLedger;
  readonly #scope: string;
  /** Rows that a lookup has given to a key, so that another key of the same content does not take them too. */
  readonly #claimed = new Set<string>();

  constructor(options: { client: ServiceNowClient; sink: ServiceNowSinkPlan; ledger: SinkLedger; scope: string }) {
    this.#client = options.client;
    this.#sink = options.sink;
    this.#ledger = options.ledger;
    this.#scope = options.scope;
  }

  /** @throws ServiceNowFailure */
  async write(key: string, row: JsonObject): Promise<void> {
    const { operation } = this.#sink;
    if (operation === 'insert') return this.#insertOnce(key, row);
    const id = await this.#findByKey(row);
    if (id === null && operation === 'upsert') return this.#insertOnce(key, row);
    if (id === null) {
      const { keyField } = this.#sink;
      const value = fieldText(row[keyField]);
      throw new ServiceNowFailure(`no row has ${keyField} ${value ?? '(the output has no such column)'}`, { status: 404, uncertain: false });
    }
    // Doing it again changes nothing, so that nothing need be noted before.
    const { result } = await this.#client.call({ method: 'PATCH', path: `${this.#path}/${encodeURIComponent(id)}`, body: this.#fields(row, 'update') });
    await this.#ledger.written(key, idOf(result));
  }

  get #path(): string {
    return `/api/now/table/${this.#sink.table}`;
  }

  #fields(row: JsonObject, operation: 'insert' | 'update'): Record<string, string> {
    return rowFields(row, { table: this.#sink.table, operation });
  }

  async #insertOnce(key: string, row: JsonObject): Promise<void> {
    const mark = this.#mark(key);
    const body = { ...this.#fields(row, 'insert'), ...mark };
    let uncertain = this.#ledger.stateOf(key) === 'uncertain';
    if (!uncertain) await this.#ledger.sending(key);
    for (let attempt = 1; ; attempt += 1) {
      const existing = uncertain ? await this.#findSent(key, body) : null;
      if (existing !== null) return this.#ledger.written(key, existing);
      try {
        const { result } = await this.#client.call({ method: 'POST', path: this.#path, body });
        return await this.#ledger.written(key, idOf(result));
      } catch (error) {
        if (!(error instanceof ServiceNowFailure && error.uncertain) || attempt >= INSERT_ATTEMPTS) throw error;
        uncertain = true;
      }
    }
  }

  /** What the correlation field is set to, so that the row can be found again. */
  #mark(key: string): Record<string, string> {
    const { correlationField, table } = this.#sink;
    if (correlationField === null) return {};
    const digest = createHash('sha256').update(`${this.#scope}\0${key}`).digest('hex').slice(0, 32);
    return { [fieldName(correlationField, table)]: `syngraph-${digest}` };
  }

  async #findByKey(row: JsonObject): Promise<string | null> {
    const { keyField, table } = this.#sink;
    const value = fieldText(row[keyField]);
    if (value === null || value === '') return null;
    return (await this.#find(equals(fieldName(keyField, table), value), 1))[0] ?? null;
  }

  /**
   * A row of this content that no other row of the run is known to be: by its mark, else by its
   * short fields and the time since it was first sent.
   */
  async #findSent(key: string, body: Record<string, string>): Promise<string | null> {
    const mark = this.#mark(key);
    const [marked] = Object.entries(mark);
    const since = new Date((this.#ledger.sentAt(key) ?? Date.now()) - TIME_ZONES_MILLISECONDS).toISOString().slice(0, 19).replace('T', ' ');
    const compared = Object.entries(body)
      .filter(([, text]) => text !== '' && text.length <= MOST_COMPARED_CHARACTERS && !/[\r\n]/.test(text))
      .slice(0, MOST_COMPARED_FIELDS);
    if (marked === undefined && compared.length === 0) return null;
    const conditions = marked === undefined ? [...compared.map(([field, text]) => equals(field, text)), `sys_created_on>=${since}`] : [equals(...marked)];
    const found = await this.#find(conditions.join('^'), 50);
    const id = found.find((each) => !this.#ledger.knows(each) && !this.#claimed.has(each)) ?? null;
    if (id !== null) this.#claimed.add(id);
    return id;
  }

  async #find(query: string, limit: number): Promise<string[]> {
    const parameters = new URLSearchParams({ sysparm_query: `${query}^ORDERBYsys_created_on`, sysparm_fields: 'sys_id', sysparm_limit: String(limit) });
    const { result } = await this.#client.call({ method: 'GET', path: `${this.#path}?${parameters.toString()}` });
    return (Array.isArray(result) ? result : []).map(idOf).filter((id) => id !== '');
  }
}
