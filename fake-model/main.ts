import { checkScript } from './check-script.ts';
import type { FakeModelScript } from './script.ts';
import { startFakeModel, type FakeModelOptions } from './start-fake-model.ts';

/**
 * Runs the server as a process of its own: `main.ts [JSON]`, or the JSON in FAKE_MODEL_OPTIONS:
 * the keys of a script and `port`, `host`. Prints one line, `{"url", "port", "pid"}`, once it listens.
 * With `"endWithInput": true` it ends when its standard input closes, so it does not outlive a killed parent.
 */
const { port, host, endWithInput, ...script } = JSON.parse(
  process.argv[2] ?? process.env.FAKE_MODEL_OPTIONS ?? '{}',
) as FakeModelScript & {
  port?: number;
  host?: string;
  endWithInput?: boolean;
};
const options: FakeModelOptions = { script: checkScript(script) };
if (port !== undefined) options.port = port;
if (host !== undefined) options.host = host;
const server = await startFakeModel(options);
process.stdout.write(JSON.stringify({ url: server.url, port: server.port, pid: process.pid }) + '\n');

const stop = (): void => void server.close().then(() => process.exit(0));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
if (endWithInput === true) process.stdin.on('end', stop).resume();
