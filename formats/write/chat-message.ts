import { z } from 'zod';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import { shortHash } from '../conversation-id.ts';
import type { Message } from '../conversation.ts';

const parts = z.array(z.looseObject({ type: z.string() })).min(1);
const content = z.union([z.string(), parts], { error: 'is neither a text nor a list of parts with a type' });
const toolCall = (given: z.ZodType): z.ZodType => z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string().min(1), arguments: given }) });

/** A list of chat messages in which somebody asks and somebody answers. */
export function chatMessages(given: z.ZodType): z.ZodType {
  const message = z
    .looseObject({
      role: z.enum(['system', 'user', 'assistant', 'tool']),
      content: content.nullable(),
      tool_calls: z.array(toolCall(given)).min(1).optional(),
    })
    .superRefine((value, context) => {
      if (value.content === null && value.tool_calls === undefined) context.addIssue({ code: 'custom', path: ['content'], message: 'is empty, and no tool is called' });
    });
  return z.array(message);
}

/** OpenAI's API has the arguments of a call as JSON text, chat templates as data. */
export interface ChatStyle {
  argumentsAsText: boolean;
}

/** Messages as chat formats have them. Calls without id get one, and answers of tools that of the call that they answer. */
export function writeChatMessages(messages: readonly Message[], style: ChatStyle): JsonObject[] {
  const unanswered: string[] = [];
  return messages.map((message, index): JsonObject => {
    const { role, toolCalls, name } = message;
    const written: JsonObject = { role, content: message.content === '' && toolCalls !== undefined ? null : message.content };
    if (name !== undefined) written.name = name;
    if (toolCalls !== undefined) {
      written.tool_calls = toolCalls.map((call, position): JsonObject => {
        const id = call.id ?? `call_${shortHash([index, position, call.name, call.arguments])}`;
        unanswered.push(id);
        return { id, type: 'function', function: { name: call.name, arguments: argumentsOf(call.arguments, style) } };
      });
    }
    if (role === 'tool') {
      const answers = message.toolCallId ?? unanswered[0];
      if (answers !== undefined) {
        written.tool_call_id = answers;
        unanswered.splice(Math.max(0, unanswered.indexOf(answers)), unanswered.includes(answers) ? 1 : 0);
      }
    }
    return written;
  });
}

function argumentsOf(value: JsonValue, { argumentsAsText }: ChatStyle): JsonValue {
  if (!argumentsAsText) return value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
