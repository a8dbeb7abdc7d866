import type { Worker } from 'node:worker_threads';
import { startThread } from '../data/start-thread.ts';
import { watchAbort } from '../models/watch-abort.ts';
import { LocalModelError } from './local-model-error.ts';
import type { ClassifyRequest, FromModelThread, GeneratedAnswer, GenerateRequest, ScoreRequest, TextClass, TextScore, TextVectors, ToModelThread } from './run/model-protocol.ts';
import type { ModelThreadData } from './run/model-thread.ts';
import { LocalRequestError } from './run/request-error.ts';

interface Pending {
  resolve: (message: FromModelThread) => void;
  reject: (error: Error) => void;
  onStart: () => void;
}

export interface GenerateOptions {
  signal: AbortSignal;
  /** Told when the model begins with the request, after those before it. */
  onStart?: () => void;
}

/** One thread of a model. What it is asked to write at once, it writes at once. */
export class LocalModelThread {
  readonly #thread: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exit: Promise<void>;
  #requests = 0;
  #failure: Error | null = null;

  constructor(folder: string) {
    this.#thread = startThread('../local-models/run/model-thread', { workerData: { folder } satisfies ModelThreadData });
    // A process that is done need not wait for it; while requests are out, it does.
    this.#thread.unref();
    this.#thread.on('message', (message: FromModelThread) => this.#receive(message));
    this.#thread.on('error', (error) => this.#end(error));
    this.#exit = new Promise((resolve) => this.#thread.once('exit', () => {
      this.#end(new Error('the thread of the model has ended'));
      resolve();
    }));
  }

  /** Whether it can be asked; false once its thread has ended. */
  get isAlive(): boolean {
    return this.#failure === null;
  }

  /** Rejects with the signal's reason when it aborts. @throws LocalModelError | LocalRequestError */
  async generate(request: GenerateRequest, { signal, onStart = () => undefined }: GenerateOptions): Promise<GeneratedAnswer> {
    const reply = await this.#ask((id) => ({ kind: 'generate', id, request }), { signal, onStart });
    if (reply.kind !== 'generated') throw new Error(`the model answered ${reply.kind}`);
    return reply.answer;
  }

  /** In the order of the texts. Rejects with the signal's reason when it aborts. @throws LocalModelError */
  async score(request: ScoreRequest, signal: AbortSignal): Promise<TextScore[]> {
    const reply = await this.#ask((id) => ({ kind: 'score', id, request }), { signal, onStart: () => undefined });
    if (reply.kind !== 'scored') throw new Error(`the model answered ${reply.kind}`);
    return reply.scores;
  }

  /** In the order of the conversations. Rejects with the signal's reason when it aborts. @throws LocalModelError */
  async classify(request: ClassifyRequest, signal: AbortSignal): Promise<TextClass[]> {
    const reply = await this.#ask((id) => ({ kind: 'classify', id, request }), { signal, onStart: () => undefined });
    if (reply.kind !== 'classified') throw new Error(`the model answered ${reply.kind}`);
    return reply.classes;
  }

  /** In the order of the texts. Rejects with the signal's reason when it aborts. @throws LocalModelError */
  async embed(texts: string[], signal: AbortSignal): Promise<TextVectors> {
    const reply = await this.#ask((id) => ({ kind: 'embed', id, texts }), { signal, onStart: () => undefined });
    if (reply.kind !== 'embedded') throw new Error(`the model answered ${reply.kind}`);
    return reply.answer;
  }

  async close(): Promise<void> {
    if (this.#failure === null) {
      this.#thread.ref();
      this.#send({ kind: 'close' });
    }
    await this.#exit;
  }

  #ask(message: (id: number) => ToModelThread, { signal, onStart }: Required<GenerateOptions>): Promise<FromModelThread> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      if (this.#failure !== null) return reject(this.#failure);
      const id = (this.#requests += 1);
      const stopWatching = watchAbort(signal, () => {
        this.#send({ kind: 'cancel', id });
        settle(() => reject(signal.reason as Error));
      });
      const settle = (tell: () => void): void => {
        stopWatching();
        this.#pending.delete(id);
        if (this.#pending.size === 0) this.#thread.unref();
        tell();
      };
      this.#pending.set(id, {
        resolve: (reply) => settle(() => resolve(reply)),
        reject: (error) => settle(() => reject(error)),
        onStart,
      });
      this.#thread.ref();
      this.#send(message(id));
    });
  }

  #receive(message: FromModelThread): void {
    const pending = this.#pending.get(message.id);
    if (message.kind === 'started') return pending?.onStart();
    if (message.kind !== 'failed') return pending?.resolve(message);
    pending?.reject(message.fault === 'request' ? new LocalRequestError(message.problem) : new LocalModelError(message.problem));
  }

  #end(error: Error): void {
    this.#failure ??= error;
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  #send(message: ToModelThread): void {
    this.#thread.postMessage(message);
  }
}
