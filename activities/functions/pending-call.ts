import type { FunctionCall, FunctionOutcome } from './function-host.ts';

/** One call on its way through the host; it may be run more than once if its thread dies. */
export interface PendingCall {
  call: FunctionCall;
  timeLimitMilliseconds: number;
  /** JSON of its argument list. */
  argumentsJson: string;
  settle: (outcome: FunctionOutcome) => void;
  /** For what is nobody's fault, such as the host being closed. */
  abandon: (error: Error) => void;
}

/** Text of a stream that user code wrote to. */
export interface UserOutput {
  stream: 'stdout' | 'stderr';
  text: string;
  bundlePath: string;
}
