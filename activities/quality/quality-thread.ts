// Runs in a worker thread: the rules take about half a millisecond a conversation, too long for the worker's loop.
import { parentPort } from 'node:worker_threads';
import { assessConversation } from '../../quality/assess-conversation.ts';
import { ConversationView } from '../../quality/conversation-view.ts';
import { detectLanguage } from '../../quality/detect-language.ts';
import { loadRuleResources } from './load-rule-resources.ts';
import type { AssessedConversation, QualityAnswer, QualityRequest } from './quality-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('quality-thread runs in a worker thread only');

port.on('message', (request: QualityRequest) => {
  void assess(request).then((answer) => port.postMessage(answer));
});

async function assess({ rules, tellLanguage, contamination, chat, conversations }: QualityRequest): Promise<QualityAnswer> {
  try {
    const encoding = rules.conversation_pretokenization?.encoding ?? null;
    const resources = await loadRuleResources({ encoding, language: tellLanguage || rules.language_tagging !== undefined, toxicity: rules.toxicity !== undefined, contamination, chat });
    const assessments = conversations.map((messages): AssessedConversation => {
      const assessment = assessConversation(messages, rules, resources);
      return { ...assessment, language: tellLanguage ? detectLanguage(new ConversationView(messages), resources.identifyLanguage).language : null };
    });
    return { assessments: JSON.stringify(assessments) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
