import { setMaxListeners } from 'node:events';
import type { LlmNodePlan, ModelPlan } from '../../../pipeline/plan.ts';
import type { NodeWork } from '../node-work.ts';
import { PauseRun } from '../pause-run.ts';
import { ask } from './ask.ts';
import type { Asking } from './asking.ts';
import type { CallJournal } from './call-journal.ts';
import { ModelDown } from './call-with-patience.ts';

interface AskAll {
  node: LlmNodePlan;
  work: NodeWork;
  model: ModelPlan;
  journal: CallJournal;
  askings: Asking[];
}

/** All records of the chunk at once; the gateway lets through as many as there is room for. */
export async function askAll({ askings, ...all }: AskAll): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([all.work.signal, stop.signal]);
  setMaxListeners(0, signal);
  const work: NodeWork = { ...all.work, signal };
  let reason: unknown = null;
  await Promise.all(
    askings.map(async (asking) => {
      if (asking.request === null) return;
      try {
        await ask({ ...all, work, asking, request: asking.request });
      } catch (error) {
        // One cause stops the others; what they have been answered is in the journal by then.
        if (!signal.aborted) {
          reason = error;
          stop.abort(error);
        } else if (!isStop(error, signal)) reason ??= error;
      }
    }),
  );
  if (reason !== null) throw reason as Error;
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError') || error instanceof PauseRun || error instanceof ModelDown;
}
