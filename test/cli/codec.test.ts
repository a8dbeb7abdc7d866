import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorkplace, type RunningCommand, type Workplace } from './workplace.ts';

const SYNGRAPH_CODEC_KEYS = `k1:${randomBytes(32).toString('base64')}`;
const UI = 'https://ui.example';
const PLAIN = { metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: Buffer.from('"plum"').toString('base64') };

describe('syngraph codec', () => {
  let place: Workplace;
  let running: RunningCommand;
  let url: string;
  before(async () => {
    place = await createWorkplace();
    const first = await open([], { SYNGRAPH_CODEC_TOKEN: 'let-me-in-1234' });
    ({ running, url } = first);
  });
  after(async () => {
    running.child.kill('SIGTERM');
    assert.equal((await running.ended).exitCode, 0);
    await place.remove();
  });

  const open = async (words: string[], environment: Record<string, string>): Promise<{ running: RunningCommand; url: string }> => {
    const command = place.start(['codec', '--port', '0', '--json', '--ui-origin', UI, ...words], { SYNGRAPH_CODEC_KEYS, ...environment });
    while (!command.output().includes('\n')) await Promise.race([sleep(20), command.ended.then(({ errors }) => assert.fail(errors))]);
    return { running: command, url: (JSON.parse(command.output()) as { url: string }).url };
  };
  const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url + path, { method: 'POST', body, headers: { authorization: 'Bearer let-me-in-1234', ...headers } });

  it('encodes and decodes as the remote codec protocol wants it, under any prefix', async () => {
    const encoded = (await (await post('/encode', JSON.stringify({ payloads: [PLAIN] }))).json()) as { payloads: { data: string }[] };
    assert.ok(!Buffer.from(encoded.payloads[0]!.data, 'base64').includes('plum'));
    const decoded = await post('/codec/v1/decode', JSON.stringify(encoded), { origin: UI, 'x-namespace': 'default' });
    assert.deepEqual(await decoded.json(), { payloads: [PLAIN] });
    assert.equal(decoded.headers.get('access-control-allow-origin'), UI);
  });

  it('answers the preflight of the Web UI without a token', async () => {
    const response = await fetch(`${url}/decode`, { method: 'OPTIONS', headers: { origin: UI, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-namespace' } });
    assert.equal(response.status, 204);
    assert.match(response.headers.get('access-control-allow-headers') ?? '', /authorization/i);
  });

  it('refuses other pages, wrong tokens, and what is no request', async () => {
    const body = JSON.stringify({ payloads: [PLAIN] });
    const elsewhere = await post('/decode', body, { origin: 'https://evil.example' });
    assert.deepEqual([elsewhere.status, elsewhere.headers.get('access-control-allow-origin')], [403, null]);
    assert.equal((await post('/decode', body, { authorization: 'Bearer wrong' })).status, 401);
    assert.equal((await post('/decode', '{"payloads": [{"data": 3}]}')).status, 400);
    assert.equal((await post('/decode', 'no json')).status, 400);
    assert.equal((await post('/other', body)).status, 404);
    assert.equal((await fetch(`${url}/decode`)).status, 405);
  });

  it('is asked by a name of this machine alone where no token is needed', async () => {
    const second = await open(['--host', '0.0.0.0', '--no-token'], {});
    const asked = async (host: string): Promise<number> => {
      const sent = request(`${second.url.replace('0.0.0.0', '127.0.0.1')}/decode`, { method: 'POST', headers: { host } }).end(JSON.stringify({ payloads: [PLAIN] }));
      const [answer] = (await once(sent, 'response')) as [{ statusCode: number; resume: () => void }];
      answer.resume();
      return answer.statusCode;
    };
    assert.deepEqual([await asked('localhost:8081'), await asked('[::1]:8081'), await asked('evil.example')], [200, 200, 403]);
    second.running.child.kill('SIGTERM');
    await second.running.ended;
  });

  it('says which key a payload wants that it does not have', async () => {
    const foreign = { metadata: { encoding: Buffer.from('binary/encrypted').toString('base64'), 'encryption-key-id': Buffer.from('gone').toString('base64') }, data: randomBytes(60).toString('base64') };
    const response = await post('/decode', JSON.stringify({ payloads: [foreign] }));
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { message: string }).message, /key "gone", and the ones at hand are k1/);
  });

  it('does not start without keys, for every page, or beyond loopback without a token', async () => {
    const refused = async (words: string[], environment: Record<string, string>, message: RegExp): Promise<void> => {
      const { exitCode, errors } = await place.syngraph(['codec', ...words], environment);
      assert.equal(exitCode, 2);
      assert.match(errors, message);
    };
    await refused([], {}, /no keys to decrypt with/);
    await refused(['--ui-origin', '*'], { SYNGRAPH_CODEC_KEYS }, /"\*" is no origin/);
    await refused(['--host', '0.0.0.0'], { SYNGRAPH_CODEC_KEYS }, /SYNGRAPH_CODEC_TOKEN/);
  });
});
