import type { ChatMessage } from '../../activities/models/model-client.ts';
import type { NodeResultFile, RecordFailure, StateChange } from '../../activities/nodes/node-result.ts';
import { applyChange } from '../../activities/nodes/record-state.ts';
import type { Store } from '../../activities/store/store.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { readablePrompt } from '../../pipeline/readable-prompt.ts';
import { kindName } from '../../pipeline/describe-node.ts';
import { renderPrompt } from '../preview/trace-records.ts';
import { acceptedResults } from './accepted-results.ts';
import type { FoundRecord } from './find-record.ts';
import { readAnswers, type KeptAnswer } from './read-answers.ts';

/** What one node did with a record, or with one that came from it. */
export interface ShownStep {
  node: string;
  kind: string;
  /** Of the record that it was done with. */
  id: string;
  prompt: { role: string; text: string }[];
  answers: ShownAnswer[];
  change: StateChange | null;
  failure: RecordFailure | null;
  /** Ids of the records that it became here. */
  children: string[];
}

export interface ShownAnswer {
  model: string;
  answeredBy: string | null;
  message: ChatMessage | null;
  finishReason: string | null;
  promptTokens: number;
  completionTokens: number;
  /** The earlier run that the answer was taken from. */
  reusedFrom: string | null;
  milliseconds: number | null;
}

export interface ShownRecord {
  /** Run in which it was done: the run itself, or a retry of it. */
  run: string;
  id: string;
  ordinal: number;
  row: JsonObject;
  unreadable: string | null;
  /** Records that this one came from, from the source record down. */
  parents: string[];
  /** Records that came from it. */
  children: string[];
  steps: ShownStep[];
}

interface Relative {
  id: string;
  state: JsonObject;
}

/** Follows a source record and what came of it through the accepted results of its batch. */
export async function traceRecord(options: { store: Store; plan: Plan; run: string; found: FoundRecord; asked: string }): Promise<ShownRecord> {
  const { store, plan, run, found, asked } = options;
  const source = found.sources[found.position]!;
  const [results, answers] = await Promise.all([acceptedResults(store, found), readAnswers(store, found)]);
  const relatives = new Map<number, Relative>([[found.position, { id: source.id, state: { ...source.row } }]]);
  const id = asked.startsWith('#') ? source.id : asked;
  const steps = results.flatMap((file) => stepsOf({ file, plan, relatives, answers }));
  const isRelated = (other: string): boolean => other === id || other.startsWith(`${id}:`) || id.startsWith(`${other}:`);
  const ids = [...relatives.values()].map((relative) => relative.id);
  return {
    run, id, ordinal: source.ordinal, row: source.row, unreadable: source.unreadable,
    parents: ids.filter((other) => id.startsWith(`${other}:`)),
    children: ids.filter((other) => other.startsWith(`${id}:`)),
    steps: steps.filter((step) => isRelated(step.id)),
  };
}

function stepsOf(options: { file: NodeResultFile; plan: Plan; relatives: Map<number, Relative>; answers: ReadonlyMap<string, KeptAnswer> }): ShownStep[] {
  const { file, plan, relatives, answers } = options;
  const node = plan.nodes[file.metrics?.node ?? -1];
  const steps: ShownStep[] = [];
  const born = new Map<number, { position: number; id: string }[]>();
  for (const [position, { parent, number }] of file.children) {
    const from = relatives.get(parent);
    if (from !== undefined) born.set(parent, [...(born.get(parent) ?? []), { position, id: `${from.id}:${number}` }]);
  }
  for (const [position, { id, state }] of [...relatives]) {
    const change = file.changes.get(position) ?? null;
    const failure = file.failures.get(position) ?? null;
    const children = born.get(position) ?? [];
    const own = (file.answers ?? []).filter((note) => note.position === position);
    if (change === null && failure === null && children.length === 0 && own.length === 0) continue;
    if (node !== undefined) {
      steps.push({
        node: node.name, kind: kindName(node), id,
        prompt: failure?.prompt != null ? [{ role: 'prompt', text: readablePrompt(failure.prompt) }] : renderPrompt(node, { id, state }),
        answers: own.map(({ key, model }) => shownAnswer(model, answers.get(key))),
        change, failure, children: children.map((child) => child.id),
      });
    }
    for (const child of children) {
      const after = { ...state };
      applyChange(after, file.changes.get(child.position));
      relatives.set(child.position, { id: child.id, state: after });
    }
    applyChange(state, change ?? undefined);
  }
  return steps;
}

function shownAnswer(model: string, kept: KeptAnswer | undefined): ShownAnswer {
  const { answer, from = null, milliseconds = null } = kept ?? {};
  return {
    model, answeredBy: answer?.answeredBy ?? null, message: answer?.message ?? null, finishReason: answer?.finishReason ?? null,
    promptTokens: answer?.usage.promptTokens ?? 0, completionTokens: answer?.usage.completionTokens ?? 0, reusedFrom: from, milliseconds,
  };
}
