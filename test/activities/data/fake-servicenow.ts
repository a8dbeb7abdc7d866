import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Row = Record<string, string>;

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string;
  body: unknown;
}

/** What the next request gets instead of an answer: a status, or a connection that is cut after the work was done. */
export type Fault = { status: number; headers?: Record<string, string>; match?: RegExp } | { cutAfter: true; match?: RegExp };

export interface FakeServiceNow {
  url: string;
  tables: Map<string, Row[]>;
  requests: FakeRequest[];
  faults: Fault[];
  /** Display texts by `field=value`. */
  displayTexts: Map<string, string>;
  /** Access tokens that are taken. */
  tokens: Set<string>;
  /** Rows that the user may not see are left out of their page. */
  hidden: Set<string>;
  /** Whether pages tell of the next one in a Link header; else in X-Total-Count alone. */
  links: boolean;
  close(): Promise<void>;
}

export const USER = { username: 'reader', password: 'pass-word-of-the-test' };
export const CLIENT = { id: 'client', secret: 'secret-of-the-client' };

/** A server that speaks ServiceNow's Table REST API and OAuth's password grant, on this machine. */
export async function startFakeServiceNow(tables: Record<string, Row[]> = {}): Promise<FakeServiceNow> {
  const state: Omit<FakeServiceNow, 'url' | 'close'> = {
    tables: new Map(Object.entries(tables)),
    requests: [],
    faults: [],
    displayTexts: new Map(),
    tokens: new Set(),
    hidden: new Set(),
    links: true,
  };
  const server = createServer((request, response) => void answer(state, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

type State = Omit<FakeServiceNow, 'url' | 'close'>;

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://fake');
  const method = request.method ?? 'GET';
  const isForm = url.pathname === '/oauth_token.do';
  const body: unknown = isForm ? Object.fromEntries(new URLSearchParams(text)) : text === '' ? null : JSON.parse(text);
  const authorization = request.headers.authorization ?? '';
  state.requests.push({ method, path: url.pathname, query: url.searchParams, authorization, body });
  const send = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
  const at = state.faults.findIndex((fault) => fault.match === undefined || fault.match.test(`${method} ${url.pathname}`));
  const [fault] = at === -1 ? [] : state.faults.splice(at, 1);
  if (fault !== undefined && 'status' in fault) {
    send(fault.status, { error: { message: 'Told to fail', detail: '' }, status: 'failure' }, fault.headers);
    return;
  }
  if (isForm) return giveToken(state, body as Record<string, string>, send);
  if (!isAllowed(state, authorization)) return send(401, { error: { message: 'User Not Authenticated', detail: 'Required to provide Auth information' }, status: 'failure' });
  const result = useTable(state, { method, url, body: body as Row });
  if (fault !== undefined) request.socket.destroy();
  else send(result.status, result.value, result.headers);
}

function giveToken(state: State, form: Record<string, string>, send: (status: number, value: unknown) => void): void {
  const isClient = form['client_id'] === CLIENT.id && form['client_secret'] === CLIENT.secret;
  const isUser = form['username'] === USER.username && form['password'] === USER.password;
  const isGranted = form['grant_type'] === 'password' ? isUser : form['refresh_token'] === 'refresh';
  if (!isClient || !isGranted) return send(401, { error: 'access_denied', error_description: 'denied' });
  const token = `token-${randomUUID()}`;
  state.tokens.add(token);
  send(200, { access_token: token, refresh_token: 'refresh', expires_in: 1800, token_type: 'Bearer' });
}

function isAllowed(state: State, authorization: string): boolean {
  if (authorization.startsWith('Bearer ')) return state.tokens.has(authorization.slice(7));
  return authorization === `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`;
}

interface TableAnswer {
  status: number;
  value: unknown;
  headers?: Record<string, string>;
}

function useTable(state: State, { method, url, body }: { method: string; url: URL; body: Row }): TableAnswer {
  const [, , , , table = '', id] = url.pathname.split('/');
  const known = state.tables.get(table) ?? (table.startsWith('sys_') ? [] : undefined);
  if (known === undefined) return { status: 400, value: { error: { message: `Invalid table ${table}`, detail: null }, status: 'failure' } };
  state.tables.set(table, known);
  if (method === 'GET') return { status: 200, ...page(state, known, url) };
  if (method === 'POST') {
    const row = { ...body, sys_id: randomUUID().replaceAll('-', ''), sys_created_on: now(), sys_updated_on: now() };
    known.push(row);
    if (table === 'sys_db_object') state.tables.set(body['name'] ?? '', []);
    return { status: 201, value: { result: row } };
  }
  const row = known.find((each) => each['sys_id'] === id);
  if (row === undefined) return { status: 404, value: { error: { message: 'No Record found', detail: '' }, status: 'failure' } };
  return { status: 200, value: { result: Object.assign(row, body, { sys_updated_on: now() }) } };
}

function now(): string {
  return new Date().toISOString().slice(0, 19).replace('T', ' ');
}

function page(state: State, rows: Row[], url: URL): { value: unknown; headers: Record<string, string> } {
  const parameter = (name: string): string | null => url.searchParams.get(`sysparm_${name}`);
  const found = select(rows, parameter('query') ?? '');
  const offset = Number(parameter('offset') ?? 0);
  const limit = Number(parameter('limit') ?? 10_000);
  const fields = parameter('fields')?.split(',');
  const shown = found.slice(offset, offset + limit).filter((row) => !state.hidden.has(row['sys_id'] ?? ''));
  const result = shown.map((row) =>
    Object.fromEntries((fields ?? Object.keys(row)).map((field) => [field, fieldOf(state, field, row[field] ?? '', parameter('display_value'))])),
  );
  const headers: Record<string, string> = { 'x-total-count': String(found.length) };
  const next = new URL(url);
  next.searchParams.set('sysparm_offset', String(offset + limit));
  const others = offset + limit < found.length ? `,<${next.href}>;rel="next"` : '';
  if (state.links) headers['link'] = `<${url.href}>;rel="first"${others}`;
  return { value: { result }, headers };
}

function fieldOf(state: State, field: string, value: string, display: string | null): unknown {
  const shown = state.displayTexts.get(`${field}=${value}`) ?? value;
  return display === 'all' ? { display_value: shown, value } : display === 'true' ? shown : value;
}

/** The part of encoded queries that the tests use. */
function select(rows: Row[], query: string): Row[] {
  const terms = query.split(/(?<!\^)\^(?!\^)/).map((term) => term.replaceAll('^^', '^'));
  const orders = terms.filter((term) => term.startsWith('ORDERBY'));
  const groups: string[][] = [];
  for (const term of terms) {
    if (term === '' || term.startsWith('ORDERBY')) continue;
    if (term.startsWith('OR')) groups.at(-1)?.push(term.slice(2));
    else groups.push([term]);
  }
  const found = rows.filter((row) => groups.every((group) => group.some((term) => matches(row, term))));
  return found.sort((left, right) => {
    for (const order of orders) {
      const [, descending, field = ''] = /^ORDERBY(DESC)?(.*)$/.exec(order) ?? [];
      const compared = (left[field] ?? '').localeCompare(right[field] ?? '');
      if (compared !== 0) return descending === undefined ? compared : -compared;
    }
    return 0;
  });
}

function matches(row: Row, term: string): boolean {
  const [, field = '', operator = '', operand = ''] = /^(\w+?)(NOT IN|IN|LIKE|STARTSWITH|ISEMPTY|>=|<=|!=|=|>|<)(.*)$/s.exec(term) ?? [];
  const value = row[field] ?? '';
  switch (operator) {
    case '=':
      return value === operand;
    case '!=':
      return value !== operand;
    case '>=':
      return value >= operand;
    case '<':
      return value < operand;
    case 'IN':
      return operand.split(',').includes(value);
    case 'NOT IN':
      return !operand.split(',').includes(value);
    case 'LIKE':
      return value.includes(operand);
    case 'STARTSWITH':
      return value.startsWith(operand);
    case 'ISEMPTY':
      return value === '';
    default:
      throw new Error(`the fake does not know the condition ${term}`);
  }
}
