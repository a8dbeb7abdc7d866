import { createBatchData, type BatchKey } from '../../activities/nodes/batch-data.ts';
import type { RecordFailure, StateChange } from '../../activities/nodes/node-result.ts';
import { recordState } from '../../activities/nodes/record-state.ts';
import type { Store } from '../../activities/store/store.ts';
import { kindName } from '../../pipeline/describe-node.ts';
import { decodeRecords } from '../../pipeline/encode-records.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { NodePlan, Plan, PromptMessagePlan } from '../../pipeline/plan.ts';
import { FILTERED_ROUTE, type NodeResult } from '../../pipeline/run-contract.ts';
import { renderTemplate } from '../../pipeline/template.ts';
import type { NodeRun } from './read-node-runs.ts';

/** One record's way through the graph, and that of the records that it became. */
export interface RecordTrace {
  id: string;
  row: JsonObject;
  steps: RecordStep[];
}

export interface RecordStep {
  node: string;
  kind: string;
  /** Set where the record is not the source's own but one that came from it. */
  id?: string;
  /** The rendered messages of a node that asks a model, from the state as it entered the node; empty for others. */
  prompt: { role: string; text: string }[];
  /** What the node has changed; null where it failed. */
  change: StateChange | null;
  failure: RecordFailure | null;
  /** The record ended here and makes no row. */
  filtered?: true;
  /** The record became so many, each with its change. */
  children?: StateChange[];
}

/** Follows every record of one batch through its node activities. */
export async function traceRecords(options: { store: Store; plan: Plan; batch: BatchKey; nodeRuns: readonly NodeRun[] }): Promise<RecordTrace[]> {
  const { store, plan, batch, nodeRuns } = options;
  const data = createBatchData(store);
  const sources = await data.records(batch);
  const traces = sources.map(({ id, row }): RecordTrace => ({ id, row, steps: [] }));
  for (const { input, result } of nodeRuns) {
    const node = plan.nodes[input.node];
    // The pseudo node of START changes nothing.
    if (node === undefined) continue;
    const file = await data.result(batch, result.result);
    const becomes = whatRecordsBecame(result, input.firstChild);
    for (const group of input.groups) {
      const history = await Promise.all(group.history.map((name) => data.result(batch, name)));
      for (const position of decodeRecords(group.records)) {
        const { filtered, children } = becomes();
        const { source, state, path } = recordState(sources, position, history);
        const trace = traces[path[0] ?? position];
        if (trace === undefined) continue;
        const failure = file.failures.get(position) ?? null;
        trace.steps.push({
          node: node.name,
          kind: kindName(node),
          ...(source.id === trace.id ? {} : { id: source.id }),
          prompt: failure?.prompt != null ? [{ role: 'prompt', text: failure.prompt }] : renderPrompt(node, { id: source.id, state }),
          change: file.changes.get(position) ?? null,
          failure,
          ...(filtered ? { filtered: true } : {}),
          ...(children === null ? {} : { children: children.map((child) => file.changes.get(child) ?? { set: {} }) }),
        });
      }
    }
  }
  return traces;
}

interface Becoming {
  filtered: boolean;
  /** Positions of the records that it became; null: it stayed itself. */
  children: number[] | null;
}

/** Asked once for each record, in the order of the activity's input. */
function whatRecordsBecame({ routes, children }: NodeResult, firstChild: number): () => Becoming {
  let record = 0;
  let unit = 0;
  let child = firstChild;
  return () => {
    const born = children?.[record] ?? -1;
    record += 1;
    const route = routes?.charAt(unit);
    unit += born < 0 ? 1 : born;
    if (born < 0) return { filtered: route === FILTERED_ROUTE, children: null };
    const positions = Array.from({ length: born }, (_, index) => child + index);
    child += born;
    return born === 0 ? { filtered: true, children: null } : { filtered: false, children: positions };
  };
}

/** The messages of a node as a record with this state gets them; empty for nodes that ask no model. */
export function renderPrompt(node: NodePlan, record: { id: string; state: JsonObject }): RecordStep['prompt'] {
  if (node.kind !== 'llm' && node.kind !== 'multi_llm' && node.kind !== 'agent') return [];
  const text = (template: PromptMessagePlan['template']): string => renderTemplate(template, record.state, record.id);
  const messageText = ({ template, parts }: PromptMessagePlan): string =>
    parts === undefined ? text(template) : parts.map((part) => (part.type === 'text' ? text(part.template) : `(${part.type}) ${text(part.template)}`)).join('\n');
  try {
    return node.prompt.map((message) => ({ role: message.role, text: messageText(message) }));
  } catch (error) {
    // A pre_process may provide what the state lacks; it has run in the worker and is not run again here.
    return [{ role: 'prompt', text: `(made by pre_process; ${error instanceof Error ? error.message : String(error)})` }];
  }
}
