import { FairQueue } from './fair-queue.ts';
import type { LaneAnswer, LaneCall } from './lane-call.ts';
import type { RunSlots } from './run-slots.ts';
import { watchAbort } from './watch-abort.ts';

/** A call that has not left yet; whoever takes it settles it. */
export interface WaitingCall {
  call: LaneCall<unknown>;
  queuedAt: number;
  resolve: (answer: LaneAnswer<unknown>) => void;
  reject: (error: unknown) => void;
  stopWatching: () => void;
}

/** The calls of one model that wait for room. A call that is cancelled leaves by itself. */
export class WaitingCalls {
  readonly #slots: RunSlots;
  readonly #queue: FairQueue<WaitingCall>;

  constructor(slots: RunSlots) {
    this.#slots = slots;
    this.#queue = new FairQueue((run) => slots.priorityOf(run));
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Resolves with the answer, once the call has been taken and made. */
  add(call: LaneCall<unknown>): Promise<LaneAnswer<unknown>> {
    const { run, signal } = call.pass;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const stopWatching = watchAbort(signal, () => {
        this.#queue.remove((other) => other === waiting);
        reject(signal.reason as Error);
      });
      const waiting: WaitingCall = { call, queuedAt: Date.now(), resolve, reject, stopWatching };
      this.#queue.push(run, waiting);
    });
  }

  /** The next one whose run may have another call in flight. */
  take(): WaitingCall | undefined {
    const waiting = this.#queue.take(({ call: { pass } }) => this.#slots.hasRoom(pass.run, pass.runConcurrency));
    waiting?.stopWatching();
    return waiting;
  }

  /** Default: all of them. */
  reject(error: () => Error, isMeant: (waiting: WaitingCall) => boolean = () => true): void {
    for (const waiting of this.#queue.remove(isMeant)) {
      waiting.stopWatching();
      waiting.reject(error());
    }
  }
}
