import { availableParallelism, loadavg } from 'node:os';
import { openLocalModel } from '../../activities/local-models/shared-models.ts';
import type { GenerateRequest } from '../../activities/local-models/run/model-protocol.ts';
import { DEFAULT_LOCAL_MODEL } from '../../pipeline/model-plan.ts';
import { figure, type Figure } from '../harness/report.ts';

const TOKENS = 200;
const SUBJECTS = ['the sea', 'a dog', 'bread', 'gravity', 'the moon', 'engines', 'a small town', 'music'];
const { signal } = new AbortController();

function requestOf(subject: string): GenerateRequest {
  const sampling = { temperature: 0.7, topP: 0.95, topK: 0, minP: 0, repetitionPenalty: 1.1, frequencyPenalty: 0, presencePenalty: 0 };
  return { messages: [{ role: 'user', content: `Write a long story about ${subject}.` }], sampling, stops: [], seed: subject, maximumTokens: TOKENS };
}

/** Writing and scoring by the default local model, on all cores of the machine; fetched first if need be. */
export async function localModel(): Promise<Figure[]> {
  const { model, release } = await openLocalModel(DEFAULT_LOCAL_MODEL, { environment: process.env, onProgress: (line) => console.error(line) });
  try {
    await model.generate(requestOf('warming up'), { signal });
    const before = loadavg()[0] ?? 0;
    const single = await rateOf(['the forest']);
    const batch = await rateOf(SUBJECTS);
    const text = 'Photosynthesis is the process by which green plants convert sunlight, carbon dioxide and water into glucose. '.repeat(12);
    await model.score({ texts: [{ text }] }, signal);
    const startedAt = performance.now();
    const scores = await model.score({ texts: Array.from({ length: 8 }, () => ({ text })) }, signal);
    const scored = scores.reduce((sum, { tokens }) => sum + tokens, 0) / ((performance.now() - startedAt) / 1000) / availableParallelism();
    const beside = `load ${before.toFixed(1)} on ${availableParallelism()} cores before`;
    return [
      figure('tokens/s, one answer', { measured: `${single.toFixed(0)} (${beside})`, required: '≥ 80', met: single >= 80 }),
      figure('tokens/s, eight answers at once', { measured: `${batch.toFixed(0)} (${beside})`, required: '≥ 220', met: batch >= 220 }),
      figure('tokens/s and core, perplexity', { measured: `${scored.toFixed(0)} (${beside})`, required: '≥ 400', met: scored >= 400 }),
    ];
  } finally {
    await release();
  }

  /** Prompts are read within the time, but only written tokens count. */
  async function rateOf(subjects: string[]): Promise<number> {
    const startedAt = performance.now();
    const answers = await Promise.all(subjects.map((subject) => model.generate(requestOf(subject), { signal })));
    return answers.reduce((sum, { tokens }) => sum + tokens, 0) / ((performance.now() - startedAt) / 1000);
  }
}
