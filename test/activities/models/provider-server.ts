import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MODEL_PROVIDERS } from '../../../activities/models/model-registry.ts';
import type { ModelClient } from '../../../activities/models/model-client.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { ModelPlan, ModelType } from '../../../pipeline/plan.ts';
import { modelPlanOf } from './model-plan-of.ts';

interface Recorded {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface Seen {
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  body: JsonObject;
  text: string;
}

export interface ProviderServer {
  url: string;
  seen: Seen[];
  /** What the next and all later calls get: a file of test/fixtures/providers. */
  answer(provider: string, name: string): void;
  close(): void;
}

export function fixture(provider: string, name: string): Recorded {
  const file = new URL(`../../fixtures/providers/${provider}/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded;
}

/** Answers every call as a provider's own API is documented to, and keeps what it was asked. */
export async function startProvider(): Promise<ProviderServer> {
  const seen: Seen[] = [];
  let recorded: Recorded = { status: 500, headers: {}, body: {} };
  const server: Server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const isJson = request.headers['content-type'] === 'application/json';
      seen.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers as Seen['headers'],
        body: isJson && text !== '' ? (JSON.parse(text) as JsonObject) : {},
        text,
      });
      // Google's tokens are fetched before a call.
      const { status, headers, body } = request.url === '/token' ? fixture('vertex_ai', 'token') : recorded;
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (provider, name) => void (recorded = fixture(provider, name)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface ClientFacts {
  type: ModelType;
  url: string;
  key?: string | null;
  plan?: Partial<ModelPlan>;
  environment?: NodeJS.ProcessEnv;
}

/** A client as the gateway makes it. */
export async function clientFor({ type, url, key = 'a-key-of-ours-1234', plan = {}, environment = {} }: ClientFacts): Promise<ModelClient> {
  const { createClient } = await MODEL_PROVIDERS[type].load();
  return createClient({
    model: modelPlanOf({ type, modelId: 'some-model', ...plan }),
    endpoint: { url, displayUrl: url, key, keyVariable: 'SYGRA_WRITER_TOKEN' },
    environment,
  });
}
