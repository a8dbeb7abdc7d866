/**
 * Runs in a worker thread: one local model, which writes, scores, classifies or embeds texts for the worker that owns the thread. Graphs
 * are loaded when they are first needed.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LocalModelError } from '../local-model-error.ts';
import { ChatWriter } from './chat-writer.ts';
import type { FromModelThread, ToModelThread } from './model-protocol.ts';
import { LocalRequestError } from './request-error.ts';
import { SequenceClassifier } from './sequence-classifier.ts';
import { TextEmbedder } from './text-embedder.ts';
import { TextScorer } from './text-scorer.ts';

export interface ModelThreadData {
  folder: string;
}

class ModelThread {
  readonly #port: MessagePort;
  readonly #folder: string;
  readonly #cancels = new Map<number, AbortController>();
  readonly #work = new Set<Promise<void>>();
  #writer: Promise<ChatWriter> | null = null;
  #scorer: Promise<TextScorer> | null = null;
  #embedder: Promise<TextEmbedder> | null = null;
  #classifier: Promise<SequenceClassifier> | null = null;

  constructor(port: MessagePort, { folder }: ModelThreadData) {
    this.#port = port;
    this.#folder = folder;
    port.on('message', (message: ToModelThread) => this.#receive(message));
  }

  #receive(message: ToModelThread): void {
    if (message.kind === 'close') return void this.#close();
    if (message.kind === 'cancel') return this.#cancels.get(message.id)?.abort();
    const cancel = new AbortController();
    this.#cancels.set(message.id, cancel);
    const work = this.#answer(message, cancel.signal).finally(() => {
      this.#cancels.delete(message.id);
      this.#work.delete(work);
    });
    this.#work.add(work);
  }

  async #answer(message: Extract<ToModelThread, { id: number; kind: 'generate' | 'score' | 'classify' | 'embed' }>, signal: AbortSignal): Promise<void> {
    const { id } = message;
    try {
      if (message.kind === 'score') {
        const scorer = await (this.#scorer ??= TextScorer.open(this.#folder));
        this.#send({ kind: 'scored', id, scores: await scorer.score(message.request, signal) });
        return;
      }
      if (message.kind === 'classify') {
        const classifier = await (this.#classifier ??= SequenceClassifier.open(this.#folder));
        this.#send({ kind: 'classified', id, classes: await classifier.classify(message.request, signal) });
        return;
      }
      if (message.kind === 'embed') {
        const embedder = await (this.#embedder ??= TextEmbedder.open(this.#folder));
        this.#send({ kind: 'embedded', id, answer: await embedder.embed(message.texts, signal) });
        return;
      }
      const writer = await (this.#writer ??= ChatWriter.open(this.#folder));
      const answer = await writer.write(message.request, { signal, onStart: () => this.#send({ kind: 'started', id }) });
      this.#send({ kind: 'generated', id, answer });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof LocalModelError) this.#forget(message.kind);
      this.#send({ kind: 'failed', id, fault: error instanceof LocalRequestError ? 'request' : 'model', problem: (error as Error).message });
    }
  }

  /** So that a folder that has been mended is read again. */
  #forget(kind: 'generate' | 'score' | 'classify' | 'embed'): void {
    if (kind === 'score') this.#scorer = null;
    else if (kind === 'classify') this.#classifier = null;
    else if (kind === 'embed') this.#embedder = null;
    else this.#writer = null;
  }

  /** The runtime does not bear the end of its thread while it works. */
  async #close(): Promise<void> {
    for (const cancel of this.#cancels.values()) cancel.abort();
    await Promise.all(this.#work);
    const opened: (Promise<{ close: () => Promise<void> }> | null)[] = [this.#writer, this.#scorer, this.#classifier, this.#embedder];
    await Promise.allSettled(opened.map(async (opening) => (await opening)?.close()));
    this.#port.close();
  }

  #send(message: FromModelThread): void {
    this.#port.postMessage(message);
  }
}

if (parentPort === null) throw new Error('model-thread runs in a worker thread only');
new ModelThread(parentPort, workerData as ModelThreadData);
