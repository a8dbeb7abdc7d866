import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { readSourceIdentity, sourceChanged } from '../../../activities/data/source-identity.ts';
import type { ServiceNowSourcePlan } from '../../../pipeline/plan.ts';
import { withOrder } from '../../../pipeline/servicenow-query.ts';
import { CLIENT, startFakeServiceNow, USER, type Row } from './fake-servicenow.ts';
import { readAll } from './helpers.ts';
import { CONNECTION } from './servicenow-connection.ts';

const server = await startFakeServiceNow();
after(() => server.close());

const incidents = Array.from({ length: 25 }, (_, index): Row => ({
  sys_id: `id${String(index).padStart(2, '0')}`,
  number: `INC${index}`,
  priority: String((index % 5) + 1),
  active: index % 2 === 0 ? 'true' : 'false',
  sys_updated_on: `2026-01-${String(index + 1).padStart(2, '0')} 00:00:00`,
}));

beforeEach(() => {
  server.tables.set('incident', structuredClone(incidents));
  server.requests.length = 0;
  server.faults.length = 0;
  server.hidden.clear();
  server.displayTexts.clear();
  server.links = true;
});

const BASIC = { SNOW_INSTANCE: server.url, SNOW_USERNAME: USER.username, SNOW_PASSWORD: USER.password };
const OAUTH = { ...BASIC, SNOW_OAUTH_CLIENT_ID: CLIENT.id, SNOW_OAUTH_CLIENT_SECRET: CLIENT.secret };

function tableSource(source: Partial<ServiceNowSourcePlan> = {}): ServiceNowSourcePlan {
  return {
    type: 'servicenow',
    connection: CONNECTION,
    table: 'incident',
    query: withOrder('', { fields: [], descending: false }),
    fields: ['sys_id', 'priority'],
    limit: null,
    batchSize: 10,
    displayValue: 'all',
    excludeReferenceLink: true,
    transformations: [],
    onBadRecord: 'stop',
    ...source,
  };
}

async function ids(source: ServiceNowSourcePlan, environment: NodeJS.ProcessEnv = BASIC): Promise<unknown[]> {
  const rows = await readAll({ source, environment });
  return rows.map((entry) => entry.ok && entry.row['sys_id']);
}

const all = incidents.map((row) => row['sys_id']);
const pages = (): string[] => server.requests.map(({ query }) => query.get('sysparm_offset') ?? '');

describe('a ServiceNow source', () => {
  it('reads page by page as the Link header says', async () => {
    assert.deepEqual(await ids(tableSource()), all);
    assert.deepEqual(pages(), ['0', '10', '20']);
  });

  it('reads page by page by the count where there is no Link header', async () => {
    server.links = false;
    assert.deepEqual(await ids(tableSource()), all);
    assert.deepEqual(pages(), ['0', '10', '20']);
  });

  it('goes on after a page that lacks rows the user may not see', async () => {
    for (const id of all.slice(3, 10)) server.hidden.add(id ?? '');
    assert.deepEqual(await ids(tableSource()), [...all.slice(0, 3), ...all.slice(10)]);
  });

  it('ends at the limit', async () => {
    assert.deepEqual(await ids(tableSource({ limit: 12 })), all.slice(0, 12));
    assert.deepEqual(pages(), ['0', '10']);
    assert.deepEqual(await ids(tableSource({ limit: 4 })), all.slice(0, 4));
    assert.equal(server.requests.at(-1)?.query.get('sysparm_limit'), '4');
  });

  it('filters and orders on the instance', async () => {
    const query = withOrder('active=true^priorityIN1,2', { fields: ['priority'], descending: true });
    const expected = incidents
      .filter((row) => row['active'] === 'true' && Number(row['priority']) <= 2)
      .sort((left, right) => Number(right['priority']) - Number(left['priority']))
      .map((row) => row['sys_id']);
    assert.deepEqual(await ids(tableSource({ query })), expected);
  });

  it('keeps value and display text where they differ, and the value alone where they do not', async () => {
    server.displayTexts.set('priority=1', '1 - Critical');
    const rows = await readAll({ source: tableSource({ limit: 2 }), environment: BASIC });
    assert.deepEqual(
      rows.map((entry) => entry.ok && entry.row),
      [
        { sys_id: 'id00', priority: { value: '1', display_value: '1 - Critical' } },
        { sys_id: 'id01', priority: '2' },
      ],
    );
  });

  it('signs in by OAuth, and again once its token is no longer taken', async () => {
    server.faults.push({ status: 401, match: /incident/ });
    assert.deepEqual(await ids(tableSource(), OAUTH), all);
    const grants = server.requests.filter(({ path }) => path === '/oauth_token.do').map(({ body }) => (body as Row)['grant_type']);
    assert.deepEqual(grants, ['password', 'refresh_token']);
    assert.ok(server.requests.filter(({ path }) => path.includes('incident')).every(({ authorization }) => authorization.startsWith('Bearer ')));
  });

  it('waits as a busy instance says, and tries again after a fault and a cut connection', async () => {
    server.faults.push({ status: 429, headers: { 'retry-after': '0' } }, { status: 503 }, { cutAfter: true });
    assert.deepEqual(await ids(tableSource({ limit: 10 })), all.slice(0, 10));
    assert.equal(server.requests.length, 4);
  });

  it('tries once without auto_retry', async () => {
    server.faults.push({ status: 503 });
    const { connection } = tableSource();
    await assert.rejects(ids(tableSource({ connection: { ...connection, autoRetry: false } })), { code: 'SOURCE_INVALID' });
    assert.equal(server.requests.length, 1);
  });

  it('goes through a proxy, whose password is not shown', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
      tunnels.push(String(request.headers['proxy-authorization']));
      const { port } = new URL(`http://${request.url ?? ''}`);
      const target = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      socket.on('error', () => target.destroy());
      target.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const source = tableSource({ limit: 3, connection: { ...tableSource().connection, proxy: { variable: 'MY_PROXY' } } });
    const environment = { ...BASIC, MY_PROXY: `http://me:proxy-pass@127.0.0.1:${port}` };
    assert.deepEqual(await ids(source, environment), all.slice(0, 3));
    assert.deepEqual(tunnels, [`Basic ${Buffer.from('me:proxy-pass').toString('base64')}`]);
    await new Promise((resolve) => proxy.close(resolve));
    await assert.rejects(ids({ ...source, connection: { ...source.connection, autoRetry: false } }, environment), (error: Error) => {
      assert.doesNotMatch(error.message, /proxy-pass/);
      return true;
    });
  });

  it('says what is wrong, and never the password', async () => {
    const cases: [NodeJS.ProcessEnv, Partial<ServiceNowSourcePlan>, RegExp][] = [
      [{ ...BASIC, SNOW_PASSWORD: 'wrong-password' }, {}, /table incident: it answered HTTP 401 \(User Not Authenticated/],
      [{ ...OAUTH, SNOW_OAUTH_CLIENT_SECRET: 'wrong-secret' }, {}, /OAuth gave no token/],
      [BASIC, { table: 'nowhere' }, /Invalid table nowhere/],
      [{ ...BASIC, SNOW_PASSWORD: '' }, {}, /SNOW_PASSWORD.*is not set/],
      [{ ...BASIC, SNOW_INSTANCE: 'http://snow.example.com' }, {}, /neither a name nor an https address/],
    ];
    for (const [environment, source, message] of cases) {
      await assert.rejects(ids(tableSource(source), environment), (error: Error & { code: string }) => {
        assert.equal(error.code, 'SOURCE_INVALID');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /wrong-|pass-word/);
        return true;
      });
    }
  });

  it('is identified by its count and its last change, and never holds up a run by changing', async () => {
    const source = tableSource({ query: withOrder('active=true', { fields: ['number'], descending: true }) });
    const identity = await readSourceIdentity(source, BASIC);
    assert.deepEqual([identity.name, identity.version], ['incident', '13 rows, changed 2026-01-25 00:00:00']);
    assert.equal(await sourceChanged(source, identity), false);
  });
});
