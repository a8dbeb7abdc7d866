import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';
import { startThread } from '../data/start-thread.ts';
import type { AssessedConversation, QualityAnswer, QualityRequest, QualityThreadData, RuleFault } from './quality-protocol.ts';
import { ThreadProgress } from './thread-progress.ts';

/** Conversations of one message: a thread gives an answer every few milliseconds, and all threads share the work. */
const CONVERSATIONS_IN_A_REQUEST = 16;
const CHARACTERS_IN_A_REQUEST = 256 * 1024;
/** For one rule and conversation; one that ends later than twice this is ended. */
const TIME_LIMIT_MILLISECONDS = 60_000;
/** Models and tables of a thread are loaded with its first request. */
const LOADING_LIMIT_MILLISECONDS = 120_000;
const IDLE_MILLISECONDS = 30_000;

type Outcome = AssessedConversation | RuleFault;

interface Waiting {
  request: QualityRequest;
  settle: (outcome: Outcome[] | SyngraphError) => void;
}

/** What a thread is at. */
interface InWork {
  waiting: Waiting;
  timer: NodeJS.Timeout;
}

interface Thread {
  worker: Worker;
  progress: ThreadProgress;
  /** null: nothing. */
  inWork: InWork | null;
}

/** Threads that apply the rules, one per core, started with the first conversations; idle ones end. */
export class QualityPool {
  readonly #timeLimit: number;
  readonly #threads = new Set<Thread>();
  #queue: Waiting[] = [];
  #idle: NodeJS.Timeout | null = null;

  /** @param timeLimitMilliseconds for one rule and conversation, which is ended after that and before twice that */
  constructor({ timeLimitMilliseconds = TIME_LIMIT_MILLISECONDS }: { timeLimitMilliseconds?: number } = {}) {
    this.#timeLimit = timeLimitMilliseconds;
  }

  /**
   * In the order of the conversations. A rule that throws, ends its thread, or comes to no end fails its conversation alone.
   * @throws SyngraphError INTERNAL where a thread dies or hangs before it is at a rule
   */
  async assess(conversations: ViewedMessage[][], wanted: Omit<QualityRequest, 'conversations'>): Promise<Outcome[]> {
    const outcomes = chunks(conversations).map((chunk) => this.#ask({ ...wanted, conversations: chunk }));
    return (await Promise.all(outcomes)).flat();
  }

  #ask(request: QualityRequest): Promise<Outcome[]> {
    if (request.conversations.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, settle: (outcome) => (Array.isArray(outcome) ? resolve(outcome) : reject(outcome)) });
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    while (this.#queue.length > 0) {
      const free = [...this.#threads].find(({ inWork }) => inWork === null);
      if (free === undefined && this.#threads.size >= availableParallelism()) return;
      this.#give(free ?? this.#start(), this.#queue.shift()!);
    }
    if ([...this.#threads].some(({ inWork }) => inWork !== null)) return;
    this.#idle = setTimeout(() => {
      for (const { worker } of this.#threads) void worker.terminate();
      this.#threads.clear();
    }, IDLE_MILLISECONDS).unref();
  }

  #start(): Thread {
    const progress = new ThreadProgress();
    const worker = startThread('quality-thread', { from: import.meta.url, execArgv: [], workerData: { progress: progress.cells } satisfies QualityThreadData });
    const thread: Thread = { worker, progress, inWork: null };
    let fault: Error | null = null;
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', () => this.#lose(thread, fault?.message ?? 'its thread ended'));
    worker.on('message', (answer: QualityAnswer) => {
      worker.unref();
      this.#release(thread)?.settle('assessments' in answer ? (JSON.parse(answer.assessments) as Outcome[]) : threadFault(answer.error));
      this.#pump();
    });
    this.#threads.add(thread);
    return thread;
  }

  #give(thread: Thread, waiting: Waiting): void {
    const startedAt = performance.now();
    let seen = thread.progress.steps;
    const timer = setInterval(() => {
      const { steps, place } = thread.progress;
      const hangs = steps === seen && (place !== null || performance.now() - startedAt > LOADING_LIMIT_MILLISECONDS);
      seen = steps;
      if (!hangs) return;
      this.#lose(thread, `no result in ${this.#timeLimit / 1000} s`);
      void thread.worker.terminate();
    }, this.#timeLimit);
    thread.inWork = { waiting, timer };
    thread.worker.ref();
    thread.worker.postMessage(waiting.request);
  }

  /** What the thread was at, if anything; it is free then. */
  #release(thread: Thread): Waiting | null {
    const { inWork } = thread;
    if (inWork !== null) clearInterval(inWork.timer);
    thread.inWork = null;
    return inWork?.waiting ?? null;
  }

  /** Another thread goes on with the conversations around the one that a thread was lost with. */
  #lose(thread: Thread, problem: string): void {
    const lost = this.#release(thread);
    const { place } = thread.progress;
    this.#threads.delete(thread);
    if (lost !== null && place === null) lost.settle(threadFault(problem));
    if (lost !== null && place !== null) {
      const { request, settle } = lost;
      const { conversation, rule } = place;
      const around = [request.conversations.slice(0, conversation), request.conversations.slice(conversation + 1)];
      Promise.all(around.map((conversations) => this.#ask({ ...request, conversations }))).then(
        ([before = [], after = []]) => settle([...before, { rule, problem }, ...after]),
        (error: SyngraphError) => settle(error),
      );
    }
    this.#pump();
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
