import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { AgentNodePlan } from '../../../pipeline/plan.ts';
import { renderTemplate } from '../../../pipeline/template.ts';
import type { ChatMessage } from '../../models/model-client.ts';
import { CHAT_HISTORY } from '../changed-state.ts';

export interface ComposeMessages {
  node: AgentNodePlan;
  /** After `pre_process`, which may set `_agent_prompt` for an agent without a system message. */
  state: JsonObject;
  recordId: string;
  /** The prompt with the chat history. */
  messages: ChatMessage[];
}

/**
 * The messages that an agent begins with: its system message first, with what is injected at this
 * turn of the conversation.
 * @throws SyngraphError PROMPT_INVALID
 */
export function composeMessages({ node, state, recordId, messages }: ComposeMessages): ChatMessage[] {
  const system = messages.findIndex((message) => message.role === 'system');
  const own = messages[system]?.content ?? textOf(state['_agent_prompt']);
  const injected = injections(node, state).map((template) => renderTemplate(template, state, recordId));
  const others = messages.filter((_, index) => index !== system);
  const content = injected.reduce<ChatMessage['content']>(withText, own);
  return content.length === 0 ? others : [{ role: 'system', content }, ...others];
}

function injections(node: AgentNodePlan, state: JsonObject): AgentNodePlan['injectSystemMessages'][number]['template'][] {
  const history = state[CHAT_HISTORY];
  const turn = Math.floor((Array.isArray(history) ? history.length : 0) / 2);
  return node.injectSystemMessages.filter((injection) => injection.turn === turn).map(({ template }) => template);
}

function withText(content: ChatMessage['content'], text: string): ChatMessage['content'] {
  if (typeof content !== 'string') return [...content, { type: 'text', text }];
  return content === '' ? text : `${content}\n${text}`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
