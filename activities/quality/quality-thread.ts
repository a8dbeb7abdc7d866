// Runs in a worker thread: the rules take about half a millisecond a conversation, too long for the worker's loop.
import { parentPort, workerData } from 'node:worker_threads';
import type { QualityRuleName } from '../../pipeline/quality-rules.ts';
import { assessConversation } from '../../quality/assess-conversation.ts';
import { ConversationView, type ViewedMessage } from '../../quality/conversation-view.ts';
import { detectLanguage } from '../../quality/detect-language.ts';
import type { RuleResources } from '../../quality/rule.ts';
import { loadRuleResources } from './load-rule-resources.ts';
import type { AssessedConversation, QualityAnswer, QualityRequest, QualityThreadData, RuleFault } from './quality-protocol.ts';
import { ThreadProgress } from './thread-progress.ts';

const port = parentPort;
if (port === null) throw new Error('quality-thread runs in a worker thread only');
const progress = new ThreadProgress((workerData as QualityThreadData).progress);

port.on('message', (request: QualityRequest) => {
  void answer(request).then((answer) => port.postMessage(answer));
});

async function answer(request: QualityRequest): Promise<QualityAnswer> {
  const { rules, tellLanguage, contamination, chat, conversations } = request;
  try {
    const encoding = rules.conversation_pretokenization?.encoding ?? null;
    const resources = await loadRuleResources({ encoding, language: tellLanguage || rules.language_tagging !== undefined, toxicity: rules.toxicity !== undefined, contamination, chat });
    const assessments = conversations.map((messages, index) => assess(messages, { request, resources, index }));
    return { assessments: JSON.stringify(assessments) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    progress.leave();
  }
}

function assess(messages: ViewedMessage[], { request: { rules, tellLanguage }, resources, index }: { request: QualityRequest; resources: RuleResources; index: number }): AssessedConversation | RuleFault {
  let rule: QualityRuleName = 'language_tagging';
  const enter = (entered: QualityRuleName): void => progress.enter(index, (rule = entered));
  try {
    const assessment = assessConversation(messages, rules, resources, enter);
    if (!tellLanguage) return { ...assessment, language: null };
    enter('language_tagging');
    return { ...assessment, language: detectLanguage(new ConversationView(messages), resources.identifyLanguage).language };
  } catch (error) {
    return { rule, problem: error instanceof Error ? error.message : String(error) };
  }
}
