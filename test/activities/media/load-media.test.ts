import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadMedia, type MediaPlace } from '../../../activities/media/load-media.ts';
import { materialiseMedia } from '../../../activities/media/materialise-media.ts';
import { mediaUrl } from '../../../activities/media/media-reference.ts';
import { renderParts } from '../../../activities/media/render-parts.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { smallPng, smallWav } from '../../../fake-model/small-files.ts';
import type { JsonValue } from '../../../pipeline/json.ts';

const PNG = smallPng(7);
const DATA_URL = `data:image/png;base64,${PNG.toString('base64')}`;
let folder: string;
let place: MediaPlace;
let origin: string;
let asked: string[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  const hop = /^\/hop\/(\d+)$/.exec(path)?.[1];
  if (hop !== undefined) response.writeHead(302, { location: Number(hop) <= 1 ? '/image' : `/hop/${Number(hop) - 1}` }).end();
  else if (path === '/page') response.writeHead(200, { 'content-type': 'image/png' }).end('<html>');
  else if (path === '/image') response.writeHead(200, { 'content-type': 'text/plain' }).end(PNG);
  else response.writeHead(404).end();
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-media-'));
  await mkdir(join(folder, 'task'));
  await writeFile(join(folder, 'task', 'dot.png'), PNG);
  await writeFile(join(folder, 'secret.png'), PNG);
  await symlink(join(folder, 'secret.png'), join(folder, 'task', 'link.png'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  place = {
    store: createFolderStore(join(folder, 'store')),
    environment: { SYNGRAPH_ALLOW_PRIVATE_NETWORK: '1' },
    roots: [join(folder, 'task')],
    signal: new AbortController().signal,
  };
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const invalid = (words: RegExp) => ({ code: 'MEDIA_INVALID', message: words });

test('paths, urls, data urls, columns and lists of them become one content of the store', async () => {
  const values: JsonValue = ['dot.png', join(folder, 'task', 'dot.png'), `${origin}/image`, DATA_URL, { url: DATA_URL }, [{ bytes: PNG.toString('base64'), path: 'some/where/x.png' }]];
  const loaded = await loadMedia(values, place);
  assert.equal(loaded.length, 6);
  assert.equal(new Set(loaded.map(({ $media }) => $media)).size, 1);
  assert.deepEqual(loaded.map(({ path }) => path), ['dot.png', 'dot.png', 'image', null, null, 'x.png']);
  assert.equal((await place.store.list('media')).length, 1);
  assert.deepEqual(await loadMedia([null, ''], place), []);
});

test('files that are missing or outside the allowed folders are refused, links followed', async () => {
  await assert.rejects(loadMedia('none.png', place), invalid(/there is no such file/));
  for (const path of ['../secret.png', join(folder, 'secret.png'), 'link.png', '/etc/hostname']) await assert.rejects(loadMedia(path, place), invalid(/lies under none of/), path);
});

test('private addresses are refused before anything is sent, unless they are allowed', async () => {
  asked = [];
  const closed = { ...place, environment: {} };
  for (const url of [`${origin}/image`, origin.replace('127.0.0.1', 'localhost'), 'http://[::1]:9/', 'http://10.0.0.1/', 'http://169.254.169.254/', 'http://[::ffff:127.0.0.1]/']) {
    await assert.rejects(loadMedia(url, closed), invalid(/private network/), url);
  }
  assert.deepEqual(asked, []);
});

test('redirects are followed five times, and what comes must be an image by its content', async () => {
  assert.equal((await loadMedia(`${origin}/hop/5`, place)).length, 1);
  await assert.rejects(loadMedia(`${origin}/hop/6`, place), invalid(/more than 5 redirects/));
  await assert.rejects(loadMedia(`${origin}/page`, place), invalid(/no image or sound/));
  await assert.rejects(loadMedia(`${origin}/gone`, place), invalid(/answered 404/));
  await assert.rejects(loadMedia(7, place), invalid(/is no path, url/));
});

test('a part takes only its own kind of content', async () => {
  const sound = `data:audio/wav;base64,${smallWav(1).toString('base64')}`;
  const render = (type: 'image_url' | 'audio_url', value: string): Promise<JsonValue[]> =>
    renderParts({ parts: [{ type, template: [{ variable: 'value' }] }], state: { value }, recordId: '1', place });
  await assert.rejects(render('image_url', sound), invalid(/audio\/wav, and image_url takes image/));
  await assert.rejects(render('audio_url', DATA_URL), invalid(/image\/png, and audio_url takes audio/));
  assert.equal((await render('audio_url', sound)).length, 1);
});

test('a request gets its contents only when it is sent', async () => {
  const [image] = await loadMedia(DATA_URL, place);
  assert.ok(image !== undefined);
  const request = { messages: [{ role: 'user' as const, content: [{ type: 'image_url', image_url: { url: mediaUrl(image) } }] }], parameters: {} };
  assert.ok(!JSON.stringify(request).includes(PNG.toString('base64')));
  const { request: full, release } = await materialiseMedia(place.store, request, place.signal);
  release();
  assert.deepEqual(full.messages[0]?.content, [{ type: 'image_url', image_url: { url: DATA_URL } }]);
});
