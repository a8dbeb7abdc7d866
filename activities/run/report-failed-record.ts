import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { readablePrompt } from '../../pipeline/readable-prompt.ts';
import type { FailedRecordReport } from '../../pipeline/run-contract.ts';
import { createRedactor } from '../models/redact-secrets.ts';
import type { FailedRecord } from './failed-record.ts';
import type { LineBlocks } from './run-parts.ts';

/** Characters of an input, state, prompt or answer that a failed record's workflow shows. */
const CLIP = 2_000;

export interface ReportFailedRecord {
  record: FailedRecord;
  /** The source row; null where it is not known. */
  input: JsonObject | null;
  /** The failed-records file. */
  file: string;
  redact: (text: string) => string;
}

/** A failed record as its workflow shows it: secrets redacted, contents clipped. */
export function reportFailedRecord({ record, input, file, redact }: ReportFailedRecord): FailedRecordReport {
  const { id, ordinal, node, code, message, attempts, state, prompt, answer } = record;
  const shown = (text: string): string => clip(redact(text), file);
  const json = (value: JsonObject): string => shown(JSON.stringify(value, null, 2));
  return {
    id: id.length <= CLIP ? id : clip(id, file), ordinal, node, code, message: shown(message), attempts,
    ...(input === null ? {} : { input: json(input) }),
    state: json(state),
    prompt: prompt === null ? null : shown(readablePrompt(prompt)),
    answer: answer === null ? null : shown(answer),
    file,
  };
}

function clip(text: string, file: string): string {
  return text.length <= CLIP ? text : `${text.slice(0, CLIP)}… (${text.length} characters; whole in ${file})`;
}

/** Lines of the failed-records file as people get it: the store keeps what is needed to try the records again. */
export async function* redactFailedRecords(blocks: LineBlocks, environment: NodeJS.ProcessEnv): AsyncGenerator<string[]> {
  const redact = createRedactor(environment);
  for await (const lines of blocks) yield lines.map((line) => JSON.stringify(redactValue(JSON.parse(line) as JsonValue, redact)));
}

/** Every text in a value without its secrets. */
export function redactValue(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactValue(inner, redact)]));
}
