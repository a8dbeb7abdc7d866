import type { JsonObject } from '../../pipeline/json.ts';
import { PROVENANCE_KEY } from '../../pipeline/provenance-key.ts';
import type { NodeResultFile } from '../nodes/node-result.ts';
import type { RecordState } from '../nodes/record-state.ts';
import type { RowsOutcome } from './make-rows.ts';
import type { RunContext } from './run-context.ts';

/** A finished record, with the results that it has gone through. */
export interface TracedRecord extends RecordState {
  history: readonly NodeResultFile[];
}

/** Where the pipeline asks for it, each row says where it comes from: run, plan, source record, answers, parents. */
export function withProvenance(run: RunContext, records: readonly TracedRecord[], outcomes: RowsOutcome[]): RowsOutcome[] {
  if (run.plan.output.provenance !== true) return outcomes;
  return outcomes.map((outcome, index): RowsOutcome => {
    const record = records[index];
    if ('failure' in outcome || record === undefined) return outcome;
    if (outcome.rows.some((row) => Object.hasOwn(row, PROVENANCE_KEY))) {
      const message = `the row has a field ${PROVENANCE_KEY} already; name it otherwise, or leave provenance out`;
      return { failure: { node: 'output', code: 'OUTPUT_INVALID', message, attempts: 1, prompt: null, answer: null } };
    }
    const origin = provenanceOf(run, record);
    return { rows: outcome.rows.map((row) => ({ ...row, [PROVENANCE_KEY]: origin })) };
  });
}

function provenanceOf({ description, plan }: RunContext, { source, line, path, history }: TracedRecord): JsonObject {
  const { reference, seed } = description;
  const root = path.length === 1 ? source.id : source.id.split(':').slice(0, 1 - path.length).join(':');
  const models: Record<string, string[]> = {};
  const calls: JsonObject[] = [];
  for (const { metrics, answers = [] } of history) {
    for (const { position, model, request, answeredBy } of answers) {
      if (!line.includes(position)) continue;
      const version = answeredBy ?? plan.models[model]?.modelId ?? model;
      const versions = (models[model] ??= []);
      if (!versions.includes(version)) versions.push(version);
      calls.push({ node: plan.nodes[metrics?.node ?? -1]?.name ?? '', model, answered_by: version, prompt_hash: request ?? null });
    }
  }
  return {
    run: `${reference.pipeline}/${reference.run}`,
    plan: reference.planHash,
    record: source.id,
    source: { record: root, position: source.ordinal, version: description.source?.version ?? null },
    seed,
    models,
    calls,
    // From the source record down: each of them became several.
    parents: path.slice(1).map((_, depth) => [root, ...path.slice(1, depth + 1)].join(':')),
  };
}
