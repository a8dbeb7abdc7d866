import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { AnswerNote } from '../metrics/call-meter.ts';

/** What a node has changed in one record's state: changed keys only. */
export interface StateChange {
  set: JsonObject;
  /** Appended to `messages`. */
  append?: JsonValue[];
  /** Appended to `__chat_history__`. */
  history?: JsonValue[];
}

/** Why a record has failed, as the failed-records file and its workflow show it. */
export interface RecordFailure {
  node: string;
  code: string;
  message: string;
  /** Where the task's own code raised it, with the positions in its files. Absent: nothing was raised there. */
  stack?: string;
  attempts: number;
  prompt: string | null;
  answer: string | null;
  /** State before the node. */
  state?: JsonObject;
  /** Set for a record that came from another one within the run. */
  child?: { id: string; ordinal: number; path: number[] };
}

export interface NodeResultFile {
  /** By position within the batch. */
  changes: Map<number, StateChange>;
  failures: Map<number, RecordFailure>;
  /** Records that the node has brought into being; their changes are among the others. */
  children: Map<number, Descent>;
  /** What the node did. Absent in files of older versions. */
  metrics?: NodeMetrics;
  /** Answers that records got. Absent in files of older versions, and where there are none. */
  answers?: readonly AnswerNote[];
}

/** Which record a record has come from, and as which of its children, from 0. */
export interface Descent {
  parent: number;
  number: number;
}

export function emptyResult(): NodeResultFile {
  return { changes: new Map(), failures: new Map(), children: new Map() };
}

/**
 * Lines of a result file: `[position, set, append?, descent?, history?]`, descent being `[parent, number]` of a child, or
 * `[position, null, failure]`; and at its end one object, `{metrics, answers?}`, each answer being
 * `[position, key, model, request?, answeredBy?]`.
 */
type ChangeLine = [number, JsonObject, (JsonValue[] | null)?, ([number, number] | null)?, JsonValue[]?];
type ResultLine = ChangeLine | [number, null, RecordFailure];

interface EndLine {
  metrics: NodeMetrics;
  answers?: AnswerCells[];
}

type AnswerCells = [position: number, key: string, model: string, request?: string, answeredBy?: string | null];

function answerCells({ position, key, model, request, answeredBy }: AnswerNote): AnswerCells {
  return request === undefined ? [position, key, model] : [position, key, model, request, answeredBy ?? null];
}

function answerOf([position, key, model, request, answeredBy]: AnswerCells): AnswerNote {
  return { position, key, model, ...(request === undefined ? {} : { request, answeredBy: answeredBy ?? null }) };
}

export function formatResult(file: NodeResultFile): string {
  const lines: string[] = [];
  for (const [position, change] of file.changes) {
    lines.push(`${JSON.stringify(changeLine(position, change, file.children.get(position)))}\n`);
  }
  for (const [position, failure] of file.failures) {
    const line: ResultLine = [position, null, failure];
    lines.push(`${JSON.stringify(line)}\n`);
  }
  if (file.metrics !== undefined) lines.push(`${JSON.stringify({ metrics: file.metrics, ...(file.answers?.length ? { answers: file.answers.map(answerCells) } : {}) })}\n`);
  return lines.join('');
}

function changeLine(position: number, { set, append, history }: StateChange, descent: Descent | undefined): ChangeLine {
  const origin: [number, number] | null = descent === undefined ? null : [descent.parent, descent.number];
  if (history !== undefined) return [position, set, append ?? null, origin, history];
  if (origin !== null) return [position, set, append ?? null, origin];
  return append === undefined ? [position, set] : [position, set, append];
}

export function parseResult(text: string): NodeResultFile {
  const result = emptyResult();
  for (const serialized of text.split('\n')) {
    if (serialized === '') continue;
    if (serialized.startsWith('{')) {
      const { metrics, answers } = JSON.parse(serialized) as EndLine;
      result.metrics = metrics;
      if (answers !== undefined) result.answers = answers.map(answerOf);
      continue;
    }
    const line = JSON.parse(serialized) as ResultLine;
    if (line[1] === null) {
      result.failures.set(line[0], line[2]);
      continue;
    }
    const [position, set, append, descent, history] = line;
    result.changes.set(position, { set, ...(append ? { append } : {}), ...(history ? { history } : {}) });
    if (descent) result.children.set(position, { parent: descent[0], number: descent[1] });
  }
  return result;
}
