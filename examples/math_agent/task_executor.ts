interface Message {
  role: string;
  content: string;
  tool_calls?: { function: { name: string } }[];
}

interface State {
  expected: number;
  result: number | 'none';
  conversation: Message[];
}

/** Takes the number after RESULT: out of the agent's last answer. */
export class ReadResult {
  apply(message: Message): object {
    const number = /RESULT:\s*(-?\d[\d ,]*(?:\.\d+)?)/.exec(message.content)?.[1];
    return { solution: message.content, result: number === undefined ? 'none' : Number(number.replaceAll(/[ ,]/g, '')) };
  }
}

/** Whether the result is the expected one, and which tools led to it. */
export function check(_config: unknown, { expected, result, conversation }: State): object {
  const tools = conversation.flatMap((message) => message.tool_calls ?? []).map((call) => call.function.name);
  return { correct: result !== 'none' && Math.abs(result - expected) < 1e-6, tools_used: tools };
}
