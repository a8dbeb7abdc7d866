import { availableParallelism, loadavg } from 'node:os';
import { openLocalModel } from '../../activities/local-models/shared-models.ts';
import type { GenerateRequest, TextToScore } from '../../activities/local-models/run/model-protocol.ts';
import { readStateConversation } from '../../activities/quality/read-state-conversation.ts';
import { DEFAULT_LOCAL_MODEL } from '../../pipeline/model-plan.ts';
import { MODEL_RULE_DEFAULTS } from '../../pipeline/model-rules.ts';
import { answerParts, conversationText } from '../../quality/model-rules/scored-texts.ts';
import { viewMessages } from '../../quality/view-messages.ts';
import { plantRecords } from '../../test/quality/planted-records.ts';
import { figure, type Figure } from '../harness/report.ts';

const TOKENS = 200;
const CONVERSATIONS = 64;
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
    const conversations = (await plantRecords(400)).filter(({ defect }) => defect === 'clean').slice(0, CONVERSATIONS).map(({ row }) => viewMessages(readStateConversation(row, null).conversation));
    const texts = conversations.map((messages) => ({ text: conversationText(messages) }));
    await model.score({ texts: texts.slice(0, 2) }, signal);
    const perplexity = await scoringRate(texts, MODEL_RULE_DEFAULTS.ppl_score.maxTokens);
    const answers = conversations.flatMap((messages) => answerParts(messages) ?? []).flatMap(({ prompt, answer }) => [{ text: answer, after: prompt }, { text: answer, after: '' }]);
    const difficulty = await scoringRate(answers, MODEL_RULE_DEFAULTS.ifd_score.maxTokens);
    const beside = `load ${before.toFixed(1)} on ${availableParallelism()} cores before`;
    return [
      figure('tokens/s, one answer', { measured: `${single.toFixed(0)} (${beside})`, required: '≥ 80', met: single >= 80 }),
      figure('tokens/s, eight answers at once', { measured: `${batch.toFixed(0)} (${beside})`, required: '≥ 220', met: batch >= 220 }),
      figure(`tokens/s and core, perplexity of ${CONVERSATIONS} conversations of about 250 tokens`, { measured: `${perplexity.perCore.toFixed(0)}, ${perplexity.perCpuSecond.toFixed(0)} per second of CPU (${beside})`, required: '≥ 400', met: perplexity.perCore >= 400 }),
      figure('conversations/s, perplexity', { measured: (CONVERSATIONS / perplexity.seconds).toFixed(1), required: '-', met: true }),
      figure('conversations/s, IFD', { measured: (answers.length / 2 / difficulty.seconds).toFixed(1), required: '-', met: true }),
    ];
  } finally {
    await release();
  }

  /** Counts the tokens that are scored, not those that they are seen after. */
  async function scoringRate(texts: TextToScore[], maximumTokens: number): Promise<{ seconds: number; perCore: number; perCpuSecond: number }> {
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    const tokens = (await model.score({ texts, maximumTokens }, signal)).reduce((sum, score) => sum + score.tokens, 0);
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { seconds, perCore: tokens / seconds / availableParallelism(), perCpuSecond: tokens / ((user + system) / 1e6) };
  }

  /** Prompts are read within the time, but only written tokens count. */
  async function rateOf(subjects: string[]): Promise<number> {
    const startedAt = performance.now();
    const answers = await Promise.all(subjects.map((subject) => model.generate(requestOf(subject), { signal })));
    return answers.reduce((sum, { tokens }) => sum + tokens, 0) / ((performance.now() - startedAt) / 1000);
  }
}
