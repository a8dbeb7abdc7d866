import { z } from 'zod';

interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

type Scores = Record<string, number>;

interface State {
  id: string;
  conversation: Message[];
  reply: string;
  rounds: number;
  score: number;
  reason: string;
}

/** Below it a reply is rewritten and judged again. */
const GOOD_SCORE = 3;
const MOST_ROUNDS = 4;

/** Takes the last reply of the assistant out of the conversation, so that it can be judged and replaced. */
export class OpenConversation {
  apply(_config: unknown, state: State): object {
    const reply = state.conversation.at(-1);
    if (reply?.role !== 'assistant') throw new Error(`conversation ${state.id} does not end with a reply of the assistant`);
    const transcript = state.conversation.slice(0, -1).map(({ role, content }) => `${role}: ${content}`).join('\n');
    return { transcript, reply: reply.content, rounds: 0 };
  }
}

/** Mean of the judge's scores by the weights that the node's YAML gives. */
export class WeighScores {
  apply(config: { weights: Scores }, state: State): object {
    let sum = 0;
    let total = 0;
    for (const [name, weight] of Object.entries(config.weights)) {
      sum += weight * readScore(name, state);
      total += weight;
    }
    return { score: Math.round((100 * sum) / total) / 100, rounds: state.rounds + 1 };
  }
}

function readScore(name: string, state: object): number {
  const value = Number((state as Record<string, unknown>)[name]);
  if (value >= 1 && value <= 5) return value;
  throw new Error(`the judge gave no ${name} from 1 to 5`);
}

/** Low scores go back for another round, but not for ever. */
export class IsGoodEnough {
  apply(state: State): 'accept' | 'improve' {
    return state.score >= GOOD_SCORE || state.rounds >= MOST_ROUNDS ? 'accept' : 'improve';
  }
}

/** Makes the row from the whole state, instead of an output map. */
export class JudgedConversation {
  generate(state: State & Scores): object {
    const { id, conversation, reply, score, rounds, reason, helpfulness, accuracy, courtesy } = state;
    return {
      id,
      messages: [...conversation.slice(0, -1), { role: 'assistant', content: reply }],
      rewritten: reply !== conversation.at(-1)?.content,
      scores: { helpfulness, accuracy, courtesy },
      score,
      rounds,
      reason,
    };
  }
}

const score = z.int().min(1).max(5);

/** Rows that do not fit are kept out of the output and named in the failed-records file. */
export const judgedConversation = z.object({
  id: z.string(),
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string().min(1) })).min(2),
  rewritten: z.boolean(),
  scores: z.object({ helpfulness: score, accuracy: score, courtesy: score }),
  score: z.number().min(1).max(5),
  rounds: z.int().min(1).max(MOST_ROUNDS),
  reason: z.string(),
});
