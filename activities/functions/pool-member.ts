import type { PendingCall } from './pending-call.ts';

/** What a pool runs calls in: a thread that has loaded one bundle, or a process that has loaded a task's Python code. */
export interface PoolMember {
  readonly callsInFlight: number;
  readonly charactersInFlight: number;
  readonly callsEver: number;
  /** Calls wait for others to give the processor free. */
  readonly isBacklogged: boolean;
  dispatch(calls: PendingCall[]): void;
  /** To be called every WATCH_INTERVAL while calls are in flight; ends the member when one exceeds its time. */
  watch(elapsedMilliseconds: number): void;
  stop(): Promise<void>;
}

export interface MemberEvents {
  onSettled: (member: PoolMember) => void;
  onEnd: (member: PoolMember, end: MemberEnd) => void;
}

/** How a member ended and which of its calls are not settled. */
export interface MemberEnd {
  cause: 'stopped' | 'load-failed' | 'timed-out' | 'crashed';
  /** What it died of, as the end of a sentence that begins with the function's name. */
  reason: string;
  stack?: string;
  /** Its code was running when the member ended. */
  current: PendingCall | null;
  begun: PendingCall[];
  notBegun: PendingCall[];
}
