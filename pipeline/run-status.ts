/** `capped`: stopped where its budget, its tokens or its time end; to be gone on with. */
export type RunStatus = 'running' | 'paused' | 'merging' | 'done' | 'failed_records' | 'capped' | 'cancelled' | 'failed';

export interface PauseCause {
  code: string;
  message: string;
  nextStep: string | null;
  node: string | null;
}

export interface PauseReport {
  cause: PauseCause;
  epoch: number;
}
