import { LocalModelError } from '../local-models/local-model-error.ts';
import { LocalTokenizer } from '../local-models/local-tokenizer.ts';
import { readFolderTemplate, readTemplateFile } from '../local-models/run/read-folder-template.ts';
import { renderTemplate } from '../models/completions/render-template.ts';
import type { TokenizerFacts } from '../models/completions/tokenizer-facts.ts';
import type { ChatTokens } from '../../quality/rule.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';
import { slices } from './count-tokens.ts';
import type { ChatFiles } from './quality-protocol.ts';

/**
 * Counts tokens as a model is trained on them: conversations become texts by its chat template, special tokens and all.
 * Without a template the messages' texts alone are counted. Reads synchronously: for threads.
 * @throws LocalModelError
 */
export function createChatCounter({ folder, templateFile }: ChatFiles, countTokens: (text: string) => number): (messages: readonly ViewedMessage[]) => ChatTokens {
  const tokenizer = folder === null ? null : new LocalTokenizer(folder);
  const template = templateOf({ folder, templateFile }, tokenizer);
  const count = tokenizer === null ? countTokens : (text: string) => slices(text).reduce((sum, slice) => sum + tokenizer.encode(slice).length, 0);
  return (messages) => {
    if (template === null) return plainTokens(messages, count);
    try {
      return templateTokens(messages, { template, count });
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  };
}

function templateOf({ folder, templateFile }: ChatFiles, tokenizer: LocalTokenizer | null): TokenizerFacts | null {
  const own = folder === null || tokenizer === null ? null : readFolderTemplate(folder, tokenizer.config);
  if (templateFile === null) return own;
  const template = readTemplateFile(templateFile);
  if (template === null) throw new LocalModelError(`there is no chat template ${templateFile}`);
  return { template, specialTokens: own?.specialTokens ?? {} };
}

function plainTokens(messages: readonly ViewedMessage[], count: (text: string) => number): ChatTokens {
  const counts = messages.map(({ text }) => count(text));
  const target = counts.at(-1) ?? 0;
  return { input: counts.reduce((sum, tokens) => sum + tokens, 0) - target, target };
}

/** The target is what the template adds for the last message, once the messages before it have led up to an answer. */
function templateTokens(messages: readonly ViewedMessage[], { template, count }: { template: TokenizerFacts; count: (text: string) => number }): ChatTokens {
  const plain = messages.map(({ role, text }) => ({ role, content: text }));
  const render = (some: typeof plain, leadsUp: boolean): string => renderTemplate(template.template, { ...template.specialTokens, messages: some, tools: null, add_generation_prompt: leadsUp });
  const whole = render(plain, false);
  if (plain.length < 2) return { input: 0, target: count(whole) };
  const before = render(plain.slice(0, -1), true);
  for (const beginning of [before, before.trimEnd()]) {
    if (whole.startsWith(beginning)) return { input: count(beginning), target: count(whole.slice(beginning.length)) };
  }
  // The last message is no answer, or the template writes earlier messages otherwise once another follows.
  const input = count(render(plain.slice(0, -1), false));
  return { input, target: Math.max(0, count(whole) - input) };
}
