import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FakeModelStats } from '../../fake-model/call-counts.ts';
import type { FakeModelScript } from '../../fake-model/script.ts';

const FAKE_MODEL = fileURLToPath(new URL('../../dist/fake-model.js', import.meta.url));

/** The scriptable model server in a process of its own, as an endpoint would be. */
export interface Endpoint {
  url: string;
  control(script: FakeModelScript & { refuseConnectionsForMilliseconds?: number }): Promise<void>;
  stats(): Promise<FakeModelStats>;
  /** When calls arrived, epoch milliseconds. */
  arrivals(): Promise<number[]>;
  reset(): Promise<void>;
  close(): void;
}

export async function startEndpoint(script: FakeModelScript): Promise<Endpoint> {
  const child = spawn(process.execPath, [FAKE_MODEL, JSON.stringify({ ...script, endWithInput: true })], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const base = url.replace(/\/v1$/, '');
  const post = async (path: string, body: unknown): Promise<void> => {
    const response = await fetch(base + path, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  };
  return {
    url,
    control: (change) => post('/control', change),
    stats: async () => (await fetch(`${base}/stats`)).json() as Promise<FakeModelStats>,
    arrivals: async () => (await fetch(`${base}/arrivals`)).json() as Promise<number[]>,
    reset: () => post('/reset', {}),
    close: () => child.kill(),
  };
}
