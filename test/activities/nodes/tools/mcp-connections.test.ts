import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PauseRun } from '../../../../activities/nodes/pause-run.ts';
import { createMcpConnections, type McpConnections } from '../../../../activities/nodes/tools/mcp/mcp-connections.ts';
import type { JsonObject } from '../../../../pipeline/json.ts';
import type { McpServerPlan } from '../../../../pipeline/plan.ts';
import { startHttpToolServer } from './tool-server.ts';

const PROGRAM = join(import.meta.dirname, 'tool-server.ts');
const stdio = (...environmentVariables: string[]): McpServerPlan => ({
  transport: 'stdio', command: process.execPath, arguments: ['--import', 'tsx', PROGRAM], environmentVariables,
});
const http = (url: string, tokenVariable: string | null = null): McpServerPlan => ({ transport: 'http', url, tokenVariable });
const { signal } = new AbortController();

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const connect = (environment: NodeJS.ProcessEnv = {}): McpConnections =>
  createMcpConnections({ environment, workingDirectory: ROOT, retryMilliseconds: [] });
const callOf = (name: string, values: JsonObject = {}, timeoutMilliseconds = 10_000) => ({ name, values, timeoutMilliseconds, signal });

describe('MCP servers that are started by a command', () => {
  const connections = connect({ TOOL_SECRET: 'hush-hush', OTHER: 'not for it' });
  const server = stdio('TOOL_SECRET');
  after(() => connections.close());

  it('offer their tools, and answer calls with a text', async () => {
    const tools = await connections.tools(server, signal);
    assert.deepEqual(tools.map(({ name }) => name), ['add', 'who', 'fail', 'files.read', 'hang', 'die']);
    assert.deepEqual(tools[0]?.parameters['required'], ['a', 'b']);
    assert.deepEqual(await connections.call(server, callOf('add', { a: 1, b: 2 })), { ok: true, text: '3' });
  });

  it('are started once for all calls, and see of the environment what is named alone', async () => {
    const answers = await Promise.all(['TOOL_SECRET', 'OTHER', 'TOOL_SECRET'].map((name) => connections.call(server, callOf('who', { name }))));
    const [first, second, third] = answers.map(({ text }) => JSON.parse(text) as { pid: number; value: string | null });
    assert.deepEqual([first?.value, second?.value], ['hush-hush', null]);
    assert.equal(first?.pid, third?.pid);
  });

  it('tell the model what went wrong, within limits of time and size', async () => {
    assert.deepEqual(await connections.call(server, callOf('fail')), { ok: false, text: 'no such thing' });
    const misfit = await connections.call(server, callOf('add', { a: 'one' }));
    assert.ok(!misfit.ok && /a/.test(misfit.text), misfit.text);
    assert.deepEqual(await connections.call(server, callOf('hang', {}, 50)), { ok: false, text: 'hang did not answer within 0.05 s' });
    const long = await connections.call(server, callOf('files.read'));
    assert.match(long.text.slice(100_000), /^… \(100000 characters more were cut off\)$/);
  });

  it('are started again when they die; a call that kills them each time is given up, without their secrets', async () => {
    const before = JSON.parse((await connections.call(server, callOf('who', { name: 'x' }))).text) as { pid: number };
    const died = await connections.call(server, callOf('die'));
    assert.equal(died.ok, false);
    assert.match(died.text, /ended during each of 3 calls: .*going down with \*\*\*/s);
    const afterwards = JSON.parse((await connections.call(server, callOf('who', { name: 'x' }))).text) as { pid: number };
    assert.notEqual(afterwards.pid, before.pid);
  });

  it('are ended when nobody has called them for a while, and when the worker ends', async () => {
    const short = createMcpConnections({ environment: {}, workingDirectory: ROOT, retryMilliseconds: [], idleMilliseconds: 1 });
    const pidOf = async (): Promise<number> => (JSON.parse((await short.call(stdio(), callOf('who', { name: 'x' }))).text) as { pid: number }).pid;
    const first = await pidOf();
    await until(() => !isAlive(first));
    const second = await pidOf();
    assert.notEqual(second, first);
    await short.close();
    await until(() => !isAlive(second));
    await assert.rejects(pidOf(), /were closed/);
  });

  it('pause the run where they cannot be started', async () => {
    const missing: McpServerPlan = { transport: 'stdio', command: 'no-such-program', arguments: ['x'], environmentVariables: [] };
    await assert.rejects(connections.tools(missing, signal), (error) => {
      assert.ok(error instanceof PauseRun);
      assert.equal(error.pauseCause.code, 'TOOL_SERVER_UNAVAILABLE');
      assert.match(error.message, /"no-such-program x" cannot be started: .*ENOENT/);
      return true;
    });
  });
});

describe('MCP servers at a url', () => {
  it('are asked with the token of the environment', async () => {
    const server = await startHttpToolServer();
    const connections = connect({ TOOLS_TOKEN: 'abc123' });
    try {
      assert.deepEqual(await connections.call(http(server.url, 'TOOLS_TOKEN'), callOf('add', { a: 2, b: 2 })), { ok: true, text: '4' });
      assert.deepEqual(new Set(server.authorizations), new Set(['Bearer abc123']));
      await assert.rejects(connections.tools(http(server.url, 'NO_TOKEN'), signal), /the environment has no NO_TOKEN/);
    } finally {
      await connections.close();
      await server.close();
    }
  });

  it('are refused at private addresses unless the environment allows them', async () => {
    const connections = connect();
    for (const url of ['http://10.1.2.3/mcp', 'http://169.254.169.254/mcp', 'http://[fd00::1]/mcp', 'http://[::ffff:192.168.0.1]/mcp', 'http://0.0.0.0/mcp']) {
      await assert.rejects(connections.tools(http(url), signal), /is no public address; SYNGRAPH_ALLOW_PRIVATE_NETWORK=1 would allow it/, url);
    }
    await connections.close();
  });
});
