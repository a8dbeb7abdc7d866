import { setTimeout as delay } from 'node:timers/promises';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { addStatistics, emptyStatistics } from '../../pipeline/run-statistics.ts';
import { ModelCallError } from '../models/model-call-error.ts';
import type { GatewayVectors } from '../models/model-gateway.ts';
import { ModelDown } from '../nodes/llm/call-with-patience.ts';
import { notePaid } from '../nodes/llm/note-paid.ts';
import { isPoison, retryDelay } from '../nodes/llm/retry-rules.ts';
import { PauseRun } from '../nodes/pause-run.ts';
import type { SetWork } from './set-work.ts';

/** Milliseconds that texts wait for an endpoint that answers nobody; then Temporal retries the activity. */
const PATIENCE_MILLISECONDS = 60_000;

/** A vector for each text, or why the model refuses it. */
export type EmbeddedTexts = (Float32Array | { refused: string })[];

/**
 * One call for several texts. Passing failures are waited for; where the endpoint refuses the call, its
 * halves are asked apart, until the text that is at fault stands alone.
 * @throws ModelDown, PauseRun, or the reason of the signal
 */
export async function embedPatiently(work: SetWork, model: ModelPlan, texts: string[]): Promise<EmbeddedTexts> {
  const answer = await ask(work, model, texts);
  if (Array.isArray(answer)) return answer;
  if (texts.length === 1) return [answer];
  const middle = Math.ceil(texts.length / 2);
  return [
    ...(await embedPatiently(work, model, texts.slice(0, middle))),
    ...(await embedPatiently(work, model, texts.slice(middle))),
  ];
}

async function ask(work: SetWork, model: ModelPlan, texts: string[]): Promise<Float32Array[] | { refused: string }> {
  const { gateway } = work.dependencies;
  const { reference, concurrency } = work.run.description;
  const run = `${reference.pipeline}/${reference.run}`;
  let firstFailureAt: number | null = null;
  for (let failures = 1; ; failures += 1) {
    work.signal.throwIfAborted();
    try {
      const answer = await gateway.embed({ model, texts, run, runConcurrency: concurrency, signal: work.signal, onStart: work.assertHeld });
      work.run.live.waiting(null);
      count(work, model, answer);
      notePaid(work, model, { promptTokens: answer.promptTokens, completionTokens: 0, cachedPromptTokens: 0 });
      return answer.vectors;
    } catch (error) {
      if (!(error instanceof ModelCallError) || work.signal.aborted) throw error;
      work.statistics.failedCalls += 1;
      work.meter.failed(model, error);
      work.run.live.add(work.name, { failedCalls: 1 });
      if (error.kind === 'permanent') return { refused: error.message };
      if (error.kind === 'configuration') throw misconfigured(work, error);
      firstFailureAt ??= Date.now();
      const isServed = gateway.lastAnswerAt(model) > firstFailureAt;
      const isTimeout = error.reason === 'timeout';
      // Every failure in a row, while others are served or the endpoint says nothing in its time, speaks against the texts.
      if ((isServed || isTimeout) && isPoison({ attempts: failures, maxAttempts: model.maxAttempts, failureShare: 0 })) return { refused: error.message };
      if (!isServed && error.reason !== 'overloaded' && Date.now() - firstFailureAt > PATIENCE_MILLISECONDS) throw new ModelDown(error.message);
      work.run.live.waiting(error.message);
      await delay(retryDelay(error, { failures, isServed }), undefined, { signal: work.signal });
      work.meter.retried(model);
    }
  }
}

function count(work: SetWork, model: ModelPlan, { promptTokens, latencyMilliseconds }: GatewayVectors): void {
  const usage = { promptTokens, completionTokens: 0, cachedPromptTokens: 0 };
  const added = { calls: 1, promptTokens, cost: work.meter.answered(model, { usage, answeredBy: null }, latencyMilliseconds) };
  Object.assign(work.statistics, addStatistics(work.statistics, { ...emptyStatistics(), ...added }));
  work.run.live.add(work.name, added);
}

function misconfigured(work: SetWork, error: ModelCallError): PauseRun {
  return new PauseRun({
    code: 'MODEL_MISCONFIGURED',
    message: error.message,
    nextStep: 'Mend the key, the model or the endpoint; nothing has failed, and no text is embedded twice.',
    node: work.name,
  });
}
