import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';
import { startThread } from '../data/start-thread.ts';
import type { AssessedConversation, QualityAnswer, QualityRequest } from './quality-protocol.ts';

/** Conversations of one message: a thread gives an answer every few milliseconds, and all threads share the work. */
const CONVERSATIONS_IN_A_REQUEST = 16;
const CHARACTERS_IN_A_REQUEST = 256 * 1024;
const TIME_LIMIT_MILLISECONDS = 120_000;
const IDLE_MILLISECONDS = 30_000;

interface Waiting {
  request: QualityRequest;
  settle: (outcome: AssessedConversation[] | SyngraphError) => void;
}

/** What a thread is at. */
interface InWork {
  waiting: Waiting;
  timer: NodeJS.Timeout;
}

/** Threads that apply the rules, one per core, started with the first conversations; idle ones end. */
export class QualityPool {
  readonly #threads = new Map<Worker, InWork | null>();
  #queue: Waiting[] = [];
  #idle: NodeJS.Timeout | null = null;

  /** In the order of the conversations. @throws SyngraphError INTERNAL where a thread dies or gives no answer in two minutes */
  async assess(conversations: ViewedMessage[][], wanted: Omit<QualityRequest, 'conversations'>): Promise<AssessedConversation[]> {
    const outcomes = chunks(conversations).map(
      (chunk) =>
        new Promise<AssessedConversation[]>((resolve, reject) => {
          this.#queue.push({
            request: { ...wanted, conversations: chunk },
            settle: (outcome) => (Array.isArray(outcome) ? resolve(outcome) : reject(outcome)),
          });
        }),
    );
    this.#pump();
    return (await Promise.all(outcomes)).flat();
  }

  #pump(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    while (this.#queue.length > 0) {
      const free = [...this.#threads].find(([, inWork]) => inWork === null)?.[0];
      if (free === undefined && this.#threads.size >= availableParallelism()) return;
      this.#give(free ?? this.#start(), this.#queue.shift()!);
    }
    if ([...this.#threads.values()].some((inWork) => inWork !== null)) return;
    this.#idle = setTimeout(() => {
      for (const thread of this.#threads.keys()) void thread.terminate();
      this.#threads.clear();
    }, IDLE_MILLISECONDS).unref();
  }

  #start(): Worker {
    const thread = startThread('quality-thread', { from: import.meta.url, execArgv: [] });
    let fault: Error | null = null;
    thread.on('error', (error: Error) => (fault = error));
    thread.on('exit', () => {
      this.#release(thread)?.settle(threadFault(fault?.message ?? 'it ended'));
      this.#threads.delete(thread);
      this.#pump();
    });
    thread.on('message', (answer: QualityAnswer) => {
      thread.unref();
      this.#release(thread)?.settle('assessments' in answer ? (JSON.parse(answer.assessments) as AssessedConversation[]) : threadFault(answer.error));
      this.#pump();
    });
    this.#threads.set(thread, null);
    return thread;
  }

  #give(thread: Worker, waiting: Waiting): void {
    const timer = setTimeout(() => {
      waiting.settle(threadFault(`no answer in ${TIME_LIMIT_MILLISECONDS / 1000} s`));
      void thread.terminate();
    }, TIME_LIMIT_MILLISECONDS);
    this.#threads.set(thread, { waiting, timer });
    thread.ref();
    thread.postMessage(waiting.request);
  }

  /** What the thread was at, if anything; it is free then. */
  #release(thread: Worker): Waiting | null {
    const inWork = this.#threads.get(thread) ?? null;
    if (inWork !== null) clearTimeout(inWork.timer);
    this.#threads.set(thread, null);
    return inWork?.waiting ?? null;
  }
}

function threadFault(reason: string): SyngraphError {
  return new SyngraphError({ code: 'INTERNAL', message: `the thread that applies quality rules failed: ${reason}` });
}

function chunks(conversations: ViewedMessage[][]): ViewedMessage[][][] {
  const found: ViewedMessage[][][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const conversation of conversations) {
    const length = conversation.reduce((sum, { text }) => sum + text.length, 0);
    const last = found.at(-1);
    if (last === undefined || last.length === CONVERSATIONS_IN_A_REQUEST || characters + length > CHARACTERS_IN_A_REQUEST) {
      found.push([conversation]);
      characters = length;
    } else {
      last.push(conversation);
      characters += length;
    }
  }
  return found;
}
