/** What code of tasks may import as `syngraph/formats`. */
export { readConversation } from './read-conversation.ts';
export type { Content, Conversation, Message, RejectedBranch, Role, ToolCall } from './conversation.ts';
