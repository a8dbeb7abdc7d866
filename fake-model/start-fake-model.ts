import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallCounts, type FakeModelStats } from './call-counts.ts';
import { breakageOf } from './break-answer.ts';
import { FakeBatches, type BatchReply } from './fake-batches.ts';
import { BehaviourChooser } from './choose-behaviour.ts';
import { createRandom, hashText } from './random.ts';
import { readCall, type CallKind, type ParsedCall } from './read-call.ts';
import { checkScript } from './check-script.ts';
import type { BrokenClass, FakeModelScript } from './script.ts';
import { writeReply } from './write-reply.ts';
import { writeResponse } from './write-response.ts';

export interface FakeModelOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1; the server has no protection of its own. */
  host?: string;
  script?: FakeModelScript;
}

export interface FakeModelServer {
  /** Base url for clients, ending in `/v1`. */
  url: string;
  port: number;
  stats(): FakeModelStats;
  /** Overlays the script; a key given as undefined goes back to its default. Rules start counting anew. */
  control(script: FakeModelScript): void;
  /** Counts anew; the script stays. */
  reset(): void;
  /** Closes the listener and every connection, and listens on the same port again after that time. */
  refuseConnectionsFor(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

const MAXIMUM_BODY_CHARACTERS = 64 * 1024 * 1024;

const ENDPOINTS: Record<string, CallKind> = {
  'chat/completions': 'chat',
  completions: 'text',
  embeddings: 'embeddings',
  'images/generations': 'image',
  'images/edits': 'image',
  'audio/speech': 'speech',
  'audio/transcriptions': 'transcription',
};

/**
 * Starts an OpenAI-compatible server that answers by script: `POST /v1/chat/completions`, `/v1/completions`,
 * `/v1/embeddings` (texts that share words are near), `/v1/images/generations` and `/v1/images/edits` (small PNG
 * files), `/v1/files` and `/v1/batches` (OpenAI's Batch API), `/v1/audio/speech` (a short WAV) and `/v1/audio/transcriptions`, `GET /v1/models`; and for tests in other processes `POST /control`
 * (a script, or `{"refuseConnectionsForMilliseconds": n}`), `GET /stats`, `GET /arrivals`, `POST /reset`.
 */
export async function startFakeModel(options: FakeModelOptions = {}): Promise<FakeModelServer> {
  const host = options.host ?? '127.0.0.1';
  const counts = new CallCounts();
  const hanging = new Set<ServerResponse>();
  let script: FakeModelScript = {};
  let random = createRandom(1);
  let chooser = new BehaviourChooser(script, random);
  let reopening: NodeJS.Timeout | undefined;

  const reset = (): void => {
    counts.reset();
    batches.reset();
  };
  const batches = new FakeBatches({ onCreate: () => counts.createBatch(), answer: answerInBatch });

  function answerInBatch(body: unknown): BatchReply {
    const text = JSON.stringify(body);
    const call = readCall(text, 'chat');
    const hash = hashText(text);
    const { behaviour, answer } = chooser.choose({ prompt: call.prompt, number: counts.calls, inFlight: counts.inFlight, key: script.requireKey ?? undefined });
    if (!call.isValid || typeof behaviour === 'number') {
      const status = call.isValid && typeof behaviour === 'number' ? behaviour : 400;
      return { status, body: { error: { message: `The fake model fails with ${status}.`, type: 'fake' } } };
    }
    const reply = writeReply({ call, answer, hash, promptTokens: Math.ceil(text.length / 4), finishReason: behaviour === 'length' ? 'length' : 'stop', refusal: null, breakage: breakageFor(call) });
    counts.answerInBatch(hash, call.prompt);
    return { status: 200, body: JSON.parse(String(reply.body)) };
  }

  const control = (change: FakeModelScript): void => {
    script = { ...script, ...checkScript(change) };
    random = createRandom(script.seed ?? 1);
    chooser = new BehaviourChooser(script, random);
    if (change.batches !== undefined) batches.control(change.batches);
  };
  control(options.script ?? {});

  const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
    response.sendDate = false;
    readBody(request, (body) => route(request, response, body));
  });
  server.on('clientError', (_, socket) => socket.destroy());
  await listen(server, options.port ?? 0, host);
  const port = (server.address() as AddressInfo).port;

  const refuseConnectionsFor = async (milliseconds: number): Promise<void> => {
    await stopListening(server);
    await new Promise<void>((resolve) => (reopening = setTimeout(resolve, milliseconds)));
    reopening = undefined;
    await listen(server, port, host);
  };

  function route(request: IncomingMessage, response: ServerResponse, body: string): void {
    // Azure's paths name the deployment: /openai/deployments/NAME/chat/completions?api-version=…
    const endpoint = /^\/(?:v1|openai\/deployments\/[^/]+)\/([a-z/]+)(?:\?|$)/.exec(request.url ?? '')?.[1] ?? '';
    const kind = Object.hasOwn(ENDPOINTS, endpoint) ? ENDPOINTS[endpoint] : undefined;
    if (kind !== undefined) return answerCall(request, response, readCall(body, kind));
    if (batches.handle(request, response, body)) return;
    switch (request.url) {
      case '/v1/models': {
        const failure = chooser.failureOfAll(counts.calls);
        if (failure !== null) return sendJson(response, failure, { error: { message: 'Broken, as the script says.' } });
        return sendJson(response, 200, {
          object: 'list',
          data: [{ id: 'fake', object: 'model', created: 0, owned_by: 'syngraph' }],
        });
      }
      case '/stats':
        return sendJson(response, 200, counts.read());
      case '/arrivals':
        return sendJson(response, 200, counts.arrivals);
      case '/reset':
        reset();
        return sendJson(response, 200, counts.read());
      case '/control':
        return answerControl(response, body);
      default:
        return sendJson(response, 404, { error: { message: `Nothing at ${request.url ?? ''}`, type: 'not_found' } });
    }
  }

  function answerControl(response: ServerResponse, body: string): void {
    try {
      const change = JSON.parse(body) as FakeModelScript & { refuseConnectionsForMilliseconds?: number };
      const { refuseConnectionsForMilliseconds: refusal, ...rest } = change;
      control(rest);
      sendJson(response, 200, { ok: true });
      if (refusal !== undefined) response.on('close', () => void refuseConnectionsFor(refusal));
      if (refusal !== undefined) response.shouldKeepAlive = false;
    } catch (error) {
      sendJson(response, 400, { error: { message: error instanceof Error ? error.message : String(error) } });
    }
  }

  function answerCall(request: IncomingMessage, response: ServerResponse, call: ParsedCall): void {
    const hash = hashText(call.body);
    counts.arrive(hash);
    const choice = chooser.choose({
      prompt: call.prompt,
      number: counts.calls,
      inFlight: counts.inFlight,
      key: readKey(request),
    });
    const finish = (): void => {
      if (response.destroyed || response.socket?.destroyed !== false) return counts.leave('abandoned');
      const behaviour = call.isValid ? choice.behaviour : 400;
      const { status, broken, callsTools } = writeResponse(response, {
        call,
        behaviour,
        answer: choice.answer,
        hash,
        promptTokens: Math.ceil(call.body.length / 4),
        retryAfterSeconds: script.retryAfterSeconds === undefined ? 1 : script.retryAfterSeconds,
        breakage: breakageFor(call),
      });
      if (status === 200) counts.answer(hash, call.prompt);
      if (broken !== null) counts.breakAnswer(broken);
      if (callsTools) counts.callTools();
      counts.leave(status);
    };
    if (choice.behaviour === 'hang') {
      hanging.add(response);
      response.on('close', () => {
        hanging.delete(response);
        counts.leave('abandoned');
      });
      return;
    }
    const latency = choice.immediate ? 0 : drawLatency(script.latencyMilliseconds ?? 0, random);
    if (latency > 0) setTimeout(finish, latency);
    else finish();
  }

  function breakageFor({ chat }: ParsedCall): BrokenClass | null {
    if (script.broken == null || chat === null) return null;
    return breakageOf({ prompt: chat.firstPrompt, answers: chat.answers, broken: script.broken, seed: script.seed ?? 1 });
  }

  return {
    url: `http://${host}:${port}/v1`,
    port,
    stats: () => counts.read(),
    control,
    reset,
    refuseConnectionsFor,
    async close() {
      if (reopening !== undefined) clearTimeout(reopening);
      if (server.listening) await stopListening(server);
    },
  };
}

function drawLatency(latency: number | [number, number], random: () => number): number {
  return typeof latency === 'number' ? latency : latency[0] + Math.floor(random() * (latency[1] - latency[0] + 1));
}

function readKey(request: IncomingMessage): string | undefined {
  const apiKey = request.headers['api-key'];
  if (typeof apiKey === 'string') return apiKey;
  return request.headers.authorization?.replace(/^Bearer /, '');
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
    if (body.length > MAXIMUM_BODY_CHARACTERS) request.destroy();
  });
  request.on('end', () => done(body));
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Hundreds of callers connect at once; the default backlog of 511 would drop some of them.
    server.listen({ port, host, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
