import { createHash } from 'node:crypto';
import type { ModelRuleName, ModelRuleSettings, ModelRulesPlan } from '../../pipeline/model-rules.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';
import type { ModelFinding } from '../../quality/model-rules/model-rule.ts';
import { answerParts, conversationText } from '../../quality/model-rules/scored-texts.ts';
import { KEY_LENGTH } from '../journal/call-key.ts';
import type { AssessedConversation } from './quality-protocol.ts';

/** What one rule wants of its model for one conversation. */
export type ScoringTask =
  | { rule: 'ppl_score'; settings: ModelRuleSettings['ppl_score']; text: string }
  | { rule: 'ifd_score'; settings: ModelRuleSettings['ifd_score']; prompt: string; answer: string }
  | { rule: 'reward_score'; settings: ModelRuleSettings['reward_score']; messages: { role: string; content: string }[] };

/** A task for each rule that is on, or why there is nothing to ask a model. */
export function scoringTasks(messages: readonly ViewedMessage[], { rejections, language }: AssessedConversation, rules: ModelRulesPlan): (ScoringTask | Extract<ModelFinding, { unscored: string }>)[] {
  const names = (Object.keys(rules) as ModelRuleName[]).filter((name) => rules[name] !== undefined);
  const [rejection] = rejections;
  if (rejection !== undefined) return names.map((rule) => ({ rule, unscored: `${rejection.rule} has rejected it` }));
  return names.map((rule) => {
    const settings = rules[rule];
    const strange = settings !== undefined && 'languages' in settings ? strangeLanguage(language, settings.languages) : null;
    if (strange !== null) return { rule, unscored: strange };
    return taskOf(messages, rules, rule);
  });
}

/** Models that know other languages badly find everything surprising in them. */
function strangeLanguage(language: string | null, languages: string[] | 'all'): string | null {
  if (languages === 'all' || language === 'code' || (language !== null && languages.includes(language))) return null;
  return language === null || language === 'und' ? 'its language cannot be told' : `its language is ${language}`;
}

function taskOf(messages: readonly ViewedMessage[], { ppl_score: perplexity, ifd_score: difficulty, reward_score: reward }: ModelRulesPlan, rule: ModelRuleName): ScoringTask | Extract<ModelFinding, { unscored: string }> {
  if (rule === 'ppl_score' && perplexity !== undefined) {
    const text = conversationText(messages);
    return text.trim() === '' ? { rule, unscored: 'it has no text' } : { rule, settings: perplexity, text };
  }
  if (rule === 'ifd_score' && difficulty !== undefined) {
    const parts = answerParts(messages);
    return parts === null ? { rule, unscored: 'it has no answer to something' } : { rule, settings: difficulty, ...parts };
  }
  const said = messages.filter(({ text }) => text.trim() !== '').map(({ role, text }) => ({ role, content: text }));
  return said.length === 0 || reward === undefined ? { rule, unscored: 'it has no text' } : { rule: 'reward_score', settings: reward, messages: said };
}

/** Key of a local model's score in the journal: the same model finds the same of the same text, in this run or a later one. */
export function scoreKey(task: ScoringTask, model: string): string {
  return createHash('sha256').update(JSON.stringify(['score', model, task])).digest('hex').slice(0, KEY_LENGTH);
}
