import { createBatchData, type BatchKey } from '../../activities/nodes/batch-data.ts';
import type { RecordFailure, StateChange } from '../../activities/nodes/node-result.ts';
import { recordState } from '../../activities/nodes/record-state.ts';
import type { Store } from '../../activities/store/store.ts';
import { decodeRecords } from '../../pipeline/encode-records.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { NodePlan, Plan } from '../../pipeline/plan.ts';
import { renderTemplate } from '../../pipeline/template.ts';
import type { NodeRun } from './read-node-runs.ts';

/** One record's way through the graph. */
export interface RecordTrace {
  id: string;
  row: JsonObject;
  steps: RecordStep[];
}

export interface RecordStep {
  node: string;
  kind: NodePlan['kind'];
  /** The rendered messages of an llm node, from the state as it entered the node; empty for others. */
  prompt: { role: string; text: string }[];
  /** What the node has changed; null where it failed. */
  change: StateChange | null;
  failure: RecordFailure | null;
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
    for (const group of input.groups) {
      const history = await Promise.all(group.history.map((name) => data.result(batch, name)));
      for (const position of decodeRecords(group.records)) {
        const trace = traces[position];
        if (trace === undefined) continue;
        const change = file.changes.get(position) ?? null;
        const failure = file.failures.get(position) ?? null;
        const prompt = failure?.prompt != null ? [{ role: 'prompt', text: failure.prompt }] : renderPrompt(node, { id: trace.id, state: recordState(sources, position, history).state });
        trace.steps.push({ node: node.name, kind: node.kind, prompt, change, failure });
      }
    }
  }
  return traces;
}

function renderPrompt(node: NodePlan, record: { id: string; state: JsonObject }): RecordStep['prompt'] {
  if (node.kind !== 'llm') return [];
  try {
    return node.prompt.map(({ role, template }) => ({ role, text: renderTemplate(template, record.state, record.id) }));
  } catch (error) {
    // A pre_process may provide what the state lacks; it has run in the worker and is not run again here.
    return [{ role: 'prompt', text: `(made by pre_process; ${error instanceof Error ? error.message : String(error)})` }];
  }
}
