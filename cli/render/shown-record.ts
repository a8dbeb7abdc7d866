import type { JsonValue } from '../../pipeline/json.ts';
import type { ShownAnswer, ShownRecord, ShownStep } from '../show/trace-record.ts';
import type { Colours } from '../terminal.ts';
import { formatCount, printable } from './format.ts';

/** A record with every step of its way, for `syngraph show`. Values are whole: that is what one looks for. */
export function renderShownRecord(record: ShownRecord, colours: Colours): string[] {
  const { run, id, ordinal, parents, children, row, unreadable, steps } = record;
  return [
    `${colours.bold(`record ${one(id)}`)} ${colours.dim(`position ${formatCount(ordinal)}, ${run}`)}`,
    ...(parents.length === 0 ? [] : [`came from: ${parents.map(one).join(', ')}`]),
    ...(children.length === 0 ? [] : [`became: ${children.map(one).join(', ')}`]),
    ...(unreadable === null ? [] : [colours.red(one(unreadable))]),
    ...fields(row, '  '),
    ...steps.flatMap((step) => renderStep(step, { colours, id })),
    ...(steps.length === 0 ? ['No node has come to its end for this record yet.'] : []),
    '',
  ];
}

function renderStep({ node, kind, id, prompt, answers, change, failure, children }: ShownStep, { colours, id: asked }: { colours: Colours; id: string }): string[] {
  return [
    '',
    `${colours.cyan(one(node))} ${colours.dim(`${kind}${id === asked ? '' : ` of ${one(id)}`}`)}`,
    ...prompt.flatMap(({ role, text }) => block(colours.dim(`${role}:`), text)),
    ...answers.flatMap((answer) => renderAnswer(answer, colours)),
    ...fields(change?.set ?? {}, '  ', colours.green),
    ...(change?.append ?? []).flatMap((message) => block(colours.green('messages +'), textOf(message))),
    ...(children.length === 0 ? [] : [`  ${colours.green('becomes')} ${children.map(one).join(', ')}`]),
    ...(failure === null ? [] : [`  ${colours.red('failed')} ${one(failure.message)} ${colours.dim(`[${failure.code}]`)}`, ...(failure.answer === null || failure.answer === '' ? [] : block(colours.dim('answer:'), failure.answer))]),
  ];
}

function renderAnswer(answer: ShownAnswer, colours: Colours): string[] {
  const { model, answeredBy, message, finishReason, promptTokens, completionTokens, reusedFrom, milliseconds } = answer;
  if (message === null) return [`  ${colours.dim(`answer of ${one(model)}: the journal does not have it any more`)}`];
  const facts = [
    answeredBy === null || answeredBy === model ? model : `${model} (${answeredBy})`,
    ...(milliseconds === null ? [] : [`${formatCount(milliseconds)} ms`]),
    `${formatCount(promptTokens)} + ${formatCount(completionTokens)} tokens`,
    ...(finishReason === null || finishReason === 'stop' ? [] : [finishReason]),
    ...(reusedFrom === null ? [] : [`from ${reusedFrom}`]),
  ];
  const text = textOf(message.content) || (message.tool_calls === undefined || message.tool_calls.length === 0 ? '(no text)' : JSON.stringify(message.tool_calls));
  return block(colours.dim(`answer of ${one(facts.join(', '))}:`), text);
}

function fields(values: Record<string, JsonValue>, indent: string, label: (text: string) => string = (text) => text): string[] {
  return Object.entries(values).flatMap(([key, value]) => block(label(`${one(key)}:`), textOf(value), indent));
}

function block(name: string, text: string, indent = '  '): string[] {
  const lines = printable(text).split('\n');
  return lines.length === 1 ? [`${indent}${name} ${lines[0]}`] : [`${indent}${name}`, ...lines.map((line) => `${indent}  ${line}`)];
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function one(text: string): string {
  return printable(text, { oneLine: true });
}
