import type { PromptMessagePlan, PromptPartPlan } from '../../plan.ts';
import { type PromptConfig, ROLES } from '../../schema/nodes/prompt-schema.ts';
import { parseTemplate, type TemplateProblem } from '../../template.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

/** A text of a prompt, where it stands, and whose role it has. */
export interface PromptText {
  role: PromptMessagePlan['role'];
  text: string;
  path: YamlPath;
  type: PromptPartPlan['type'];
}

/** The texts of each message: several where its content is a list of parts. */
export function promptMessages(prompt: PromptConfig, path: YamlPath): PromptText[][] {
  return prompt.flatMap((message, index) =>
    ROLES.flatMap((role): PromptText[][] => {
      const content = message[role];
      if (content === undefined) return [];
      const at = [...path, 'prompt', index, role];
      if (typeof content === 'string') return [[{ role, text: content, path: at, type: 'text' }]];
      return [content.map((part, position): PromptText => ({ role, text: part[part.type === 'text' ? 'text' : part.type] ?? '', path: [...at, position, part.type], type: part.type }))];
    }),
  );
}

export function compilePrompt(
  context: CompileContext,
  config: { prompt: PromptConfig },
  path: YamlPath,
): PromptMessagePlan[] {
  const messages = promptMessages(config.prompt, path);
  if (messages.length === 0)
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'prompt'],
      target: { part: 'key' },
      message: 'This prompt has no message',
      hint: 'Add - user: with a text.',
    });
  for (const [index, message] of config.prompt.entries()) {
    if (Object.values(message).some((content) => content !== undefined)) continue;
    context.report({
      code: 'MISSING_KEY',
      path: [...path, 'prompt', index],
      message: 'This message has no role',
      hint: 'Write - user: and a text.',
      allowed: ROLES,
    });
  }
  return messages.map((texts): PromptMessagePlan => {
    const role = texts[0]?.role ?? 'user';
    checkParts(context, texts);
    if (texts.every((text) => text.type === 'text')) {
      return { role, template: texts.flatMap((text, index) => compileText(context, text, index)) };
    }
    return { role, template: [], parts: texts.map((text) => ({ type: text.type, template: compileText(context, text, 0) })) };
  });
}

function checkParts(context: CompileContext, texts: PromptText[]): void {
  for (const { type, text, path, role } of texts) {
    if (type === 'text' || text !== '') continue;
    context.report({
      code: 'MISSING_KEY',
      path: path.slice(0, -1),
      message: `This part of a ${role} message has no ${type}`,
      hint: `Write ${type}: with a path, a url, or a placeholder such as "{image}".`,
    });
  }
}

/** Faults of one text that are named; each is looked up in the file. */
export const MAX_FAULTS = 50;

export function compileText(
  context: CompileContext,
  { text, path }: PromptText,
  index: number,
): PromptMessagePlan['template'] {
  const { template, problems } = parseTemplate(text);
  for (const problem of problems.slice(0, MAX_FAULTS)) reportProblem(context, { text, path, problem });
  // Parts of one message are lines of it.
  return index === 0 ? template : ['\n', ...template];
}

function reportProblem(
  context: CompileContext,
  { text, path, problem }: { text: string; path: YamlPath; problem: TemplateProblem },
): void {
  const rest = text.slice(problem.offset).split('\n')[0]!;
  const found = rest.slice(0, Math.max(problem.length, Math.min(20, rest.length)));
  context.report({
    code: 'BAD_TEMPLATE',
    path,
    target: { part: 'text', text: found, occurrence: countBefore(text, found, problem.offset) },
    message: problem.message,
    hint: 'Braces that are meant as such are doubled: {{ and }}.',
  });
}

/** How often a text occurs before an offset. */
export function countBefore(text: string, part: string, offset: number): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1 && at < offset; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}
