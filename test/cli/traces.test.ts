import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { createWorkplace, questions, type Workplace } from './workplace.ts';

const SECRETS = { key: 'planted-key-0001', header: 'planted-header-0002', prompt: 'planted-prompt-0003', answer: 'planted-answer-0004' };

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number | string; doubleValue?: number };
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  status: { code?: number; message?: string };
}

/** As collectors have it: OTLP over HTTP, in JSON. */
interface Collector {
  server: Server;
  url: string;
  bodies: string[];
  headers: unknown[];
  spans(): Span[];
}

async function startCollector(status = 200): Promise<Collector> {
  const bodies: string[] = [];
  const headers: unknown[] = [];
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      assert.equal(request.url, '/v1/traces');
      bodies.push(body);
      headers.push(request.headers['x-collector']);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const spans = (): Span[] => bodies.flatMap((body) => (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, headers, spans };
}

function valueOf({ attributes }: Span, key: string): string | number | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return value?.stringValue ?? value?.doubleValue ?? (value?.intValue === undefined ? undefined : Number(value.intValue));
}

describe('OpenTelemetry traces', () => {
  let place: Workplace;
  let model: FakeModelServer;
  let collector: Collector;
  before(async () => {
    [place, model, collector] = await Promise.all([
      createWorkplace(),
      startFakeModel({ script: { rules: [{ match: 'q[37]\\.', behaviour: 400 }], answer: { text: SECRETS.answer } } }),
      startCollector(),
    ]);
    const task = questions(20);
    task['quiz/graph_config.yaml'] = task['quiz/graph_config.yaml']!.replace('Question {n}', `Question {n} ${SECRETS.prompt}`);
    await place.write({ ...task, '.env': `SYGRA_GPT_URL=${model.url}\nSYGRA_GPT_TOKEN=${SECRETS.key}\n` });
  });
  after(async () => {
    collector.server.close();
    await Promise.all([model.close(), place.remove()]);
  });

  it('has a trace per batch, of its nodes and their model calls, and nothing of what was asked and answered', async () => {
    const run = await place.syngraph(['run', 'quiz', '--run-id', 'first', '--batch-size', '10', '--json'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: `x-collector=${SECRETS.header}`,
    });
    assert.equal(run.exitCode, 3, run.errors);
    const spans = collector.spans();
    const nodes = spans.filter(({ name }) => name === 'node ask');
    assert.equal(nodes.length, 2);
    assert.deepEqual(nodes.map((span) => valueOf(span, 'syngraph.batch')).sort(), [0, 1]);
    for (const node of nodes) {
      assert.equal(node.parentSpanId ?? '', '');
      assert.equal(valueOf(node, 'syngraph.pipeline'), 'quiz');
      assert.equal(valueOf(node, 'syngraph.run'), 'first');
      assert.equal(valueOf(node, 'syngraph.node'), 'ask');
      assert.equal(valueOf(node, 'syngraph.records'), 10);
    }
    assert.equal(new Set(nodes.map(({ traceId }) => traceId)).size, 2);
    const calls = spans.filter(({ name }) => name === 'chat gpt');
    assert.equal(calls.length, 20);
    for (const node of nodes) {
      const below = calls.filter(({ parentSpanId }) => parentSpanId === node.spanId);
      assert.equal(below.length, 10);
      assert.ok(below.every(({ traceId, kind }) => traceId === node.traceId && kind === 3));
    }
    const answered = calls.filter((span) => valueOf(span, 'syngraph.outcome') === 'answered');
    assert.equal(answered.length, 18);
    assert.ok(answered.every((span) => Number(valueOf(span, 'gen_ai.usage.output_tokens')) > 0 && Number(valueOf(span, 'gen_ai.usage.input_tokens')) > 0));
    const rejected = calls.filter((span) => valueOf(span, 'error.type') === 'rejected');
    assert.deepEqual(rejected.map((span) => [valueOf(span, 'http.response.status_code'), span.status]), [[400, { code: 2 }], [400, { code: 2 }]]);
    const [followed, ...others] = spans.filter(({ name }) => name === 'run quiz');
    assert.ok(followed !== undefined && others.length === 0);
    assert.equal(valueOf(followed, 'syngraph.run'), 'first');
    const ofTheRun = spans.filter(({ name }) => ['run quiz', 'prepareRun', 'stageRange', 'mergeRun'].includes(name));
    assert.ok(ofTheRun.length >= 4);
    assert.equal(new Set(ofTheRun.map(({ traceId }) => traceId)).size, 1);
    assert.ok(collector.headers.every((header) => header === SECRETS.header));
    const sent = collector.bodies.join('\n');
    for (const secret of Object.values(SECRETS)) assert.ok(!sent.includes(secret), secret);
    assert.match(sent, /"service\.name"/);
  });

  it('finishes a run whose collector refuses, and says so once', async () => {
    const refusing = await startCollector(400);
    try {
      const run = await place.syngraph(['run', 'quiz', '--run-id', 'second', '--json'], { OTEL_EXPORTER_OTLP_ENDPOINT: refusing.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
      assert.equal(run.exitCode, 3, run.errors);
      assert.equal(run.errors.split('the collector did not take').length, 2, run.errors);
    } finally {
      refusing.server.close();
    }
  });

  it('finishes a run whose collector is not there, and says so', async () => {
    const gone = await startCollector();
    await new Promise((resolve) => gone.server.close(resolve));
    const run = await place.syngraph(['run', 'quiz', '--run-id', 'third', '--json'], { OTEL_EXPORTER_OTLP_ENDPOINT: gone.url, OTEL_EXPORTER_OTLP_TIMEOUT: '1000' });
    assert.equal(run.exitCode, 3, run.errors);
    assert.match(run.errors, /traces: the collector /);
  });

  it('refuses a protocol that it does not speak', async () => {
    const run = await place.syngraph(['run', 'quiz', '--run-id', 'fourth'], { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    assert.equal(run.exitCode, 2, run.errors);
    assert.match(run.errors, /OTEL_EXPORTER_OTLP_PROTOCOL[\s\S]*http\/protobuf, http\/json/);
    await assert.rejects(stat(join(place.folder, '.syngraph', 'runs', 'quiz', 'fourth')), { code: 'ENOENT' });
  });
});
