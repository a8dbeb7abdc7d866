import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { OutputPlan } from '../../pipeline/plan.ts';
import { validateRecord } from '../../pipeline/validate-record.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { SourceRecord } from '../nodes/batch-data.ts';
import { callTask } from '../nodes/call-task.ts';
import type { RecordFailure } from '../nodes/node-result.ts';
import type { RunContext } from './run-context.ts';

/** Rows of one record: none when the generator says that the record makes none. */
export type RowsOutcome = { rows: JsonObject[] } | { failure: RecordFailure };

interface Making {
  dependencies: ActivityDependencies;
  run: RunContext;
  records: { source: SourceRecord; state: JsonObject }[];
}

/** output_config, then schema_config, over the finished records of a batch. */
export async function makeRows(making: Making): Promise<RowsOutcome[]> {
  const { output } = making.run.plan;
  const made = output.customGenerate && output.generator !== null ? await generateRows(making, output.generator) : await mapRows(making, output);
  return validateRows(making, made);
}

async function generateRows(making: Making, generator: string): Promise<RowsOutcome[]> {
  const answers = await callTask(making, generator, making.records.map((record) => [record.state]), 'generate');
  return answers.map((answer): RowsOutcome => {
    if (!answer.ok) return failed('output', answer);
    const rows = answer.value === null ? [] : Array.isArray(answer.value) ? answer.value : [answer.value];
    if (rows.every(isJsonObject)) return { rows: rows };
    return failed('output', { code: 'OUTPUT_INVALID', message: `${generator}.generate() must return an object, a list of objects, or null` });
  });
}

async function mapRows(making: Making, output: OutputPlan): Promise<RowsOutcome[]> {
  const { fields, generator } = output;
  if (fields === null) return making.records.map(({ state }) => ({ rows: [state] }));
  const rows = making.records.map((): JsonObject => ({}));
  const failures = new Map<number, RowsOutcome>();
  for (const field of fields) {
    const values = making.records.map((record): JsonValue => field.value ?? (field.from === undefined ? null : valueOf(record, field.from)));
    if (field.transform === undefined || generator === null) {
      rows.forEach((row, index) => (row[field.field] = values[index] ?? null));
      continue;
    }
    const answers = await callTask(making, generator, values.map((value, index) => [value, making.records[index]?.state ?? {}]), field.transform);
    answers.forEach((answer, index) => {
      const row = rows[index];
      if (!answer.ok) failures.set(index, failed('output', answer));
      else if (row !== undefined) row[field.field] = answer.value;
    });
  }
  return rows.map((row, index) => failures.get(index) ?? { rows: [row] });
}

/** As in SyGra every record has an `id`, also where its source has no such column. */
function valueOf({ source, state }: Making['records'][number], key: string): JsonValue {
  return state[key] ?? (key === 'id' ? source.id : null);
}

async function validateRows(making: Making, outcomes: RowsOutcome[]): Promise<RowsOutcome[]> {
  const { schema } = making.run.plan;
  if (schema === null) return outcomes;
  const checked = [...outcomes];
  if (schema.kind === 'fields') {
    outcomes.forEach((outcome, index) => {
      if ('failure' in outcome) return;
      const violations = outcome.rows.flatMap((row) => validateRecord(row, schema.fields));
      if (violations.length > 0) checked[index] = invalid(violations.map(({ message }) => message).join('; '));
    });
    return checked;
  }
  const rows = outcomes.flatMap((outcome, index) => ('failure' in outcome ? [] : outcome.rows.map((row) => ({ index, row }))));
  const answers = await callTask(making, schema.function, rows.map(({ row }) => [row]), 'parse');
  answers.forEach((answer, position) => {
    const index = rows[position]?.index;
    if (!answer.ok && index !== undefined) checked[index] = invalid(answer.message);
  });
  return checked;
}

function invalid(message: string): RowsOutcome {
  return failed('schema', { code: 'OUTPUT_INVALID', message });
}

function failed(node: string, { code, message, stack }: { code: string; message: string; stack?: string }): RowsOutcome {
  return { failure: { node, code, message, ...(stack === undefined ? {} : { stack }), attempts: 1, prompt: null, answer: null } };
}
