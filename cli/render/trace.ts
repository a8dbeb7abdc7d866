import type { StateChange } from '../../activities/nodes/node-result.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import type { RecordStep, RecordTrace } from '../preview/trace-records.ts';
import type { Colours } from '../terminal.ts';
import { printable } from './format.ts';

const VALUE_CHARACTERS = 2_000;

/** Records with what entered each node and what came out, for `syngraph preview`. */
export function renderTraces(traces: readonly RecordTrace[], colours: Colours): string[] {
  return traces.flatMap((trace, index) => [
    '',
    colours.bold(`record ${index + 1} of ${traces.length}: ${printable(trace.id, { oneLine: true, most: 60 })}`),
    ...fields(trace.row, '  '),
    ...trace.steps.flatMap((step) => renderStep(step, colours)),
  ]);
}

function renderStep(step: RecordStep, colours: Colours): string[] {
  const whose = step.id === undefined ? '' : ` of ${printable(step.id, { oneLine: true, most: 60 })}`;
  const head = `  ${colours.cyan(printable(step.node, { oneLine: true }))} ${colours.dim(`${step.kind}${whose}`)}`;
  const prompt = step.prompt.flatMap(({ role, text }) => block(`${role}:`, text, { indent: '    ', label: colours.dim }));
  if (step.failure !== null) {
    const { code, message, answer } = step.failure;
    const shown = answer === null ? [] : block('answer:', answer, { indent: '    ', label: colours.dim });
    return [head, ...prompt, ...shown, `    ${colours.red('failed')} ${printable(message, { oneLine: true })} ${colours.dim(`[${code}]`)}`];
  }
  const { children } = step;
  const ending = step.filtered === true ? [`    ${colours.yellow('filtered')}`] : children === undefined ? [] : [`    ${colours.green('becomes')} ${children.length} ${children.length === 1 ? 'record' : 'records'}`];
  return [head, ...prompt, ...(children ?? [step.change]).flatMap((change) => renderChange(change, colours)), ...ending];
}

function renderChange(change: StateChange | null, colours: Colours): string[] {
  const { set = {}, append = [] } = change ?? {};
  const answers = append.flatMap((message) => block('messages +', valueText(message), { indent: '    ', label: colours.dim }));
  return [...fields(set, '    ', colours.green), ...answers];
}

function fields(values: Record<string, JsonValue>, indent: string, label: (text: string) => string = (text) => text): string[] {
  return Object.entries(values).flatMap(([key, value]) => block(`${printable(key, { oneLine: true })}:`, valueText(value), { indent, label }));
}

/** A short value stands beside its label, a long one below it, indented. */
function block(name: string, text: string, { indent, label }: { indent: string; label: (text: string) => string }): string[] {
  const lines = printable(text, { most: VALUE_CHARACTERS }).split('\n');
  if (lines.length === 1) return [`${indent}${label(name)} ${lines[0]}`];
  return [`${indent}${label(name)}`, ...lines.map((line) => `${indent}  ${line}`)];
}

function valueText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
