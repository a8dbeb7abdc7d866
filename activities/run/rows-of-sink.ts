import { ALIAS_JOINER } from '../../pipeline/compile/alias.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { matchesWhere } from '../../pipeline/matches-where.ts';
import type { SinkPlan, SinkPlanBase } from '../../pipeline/plan.ts';

/**
 * A row as a sink gets it. One with an alias gets the columns `alias->column` without the prefix;
 * the others get what goes to no sink with an alias. null: nothing of the row is for this sink.
 */
export function rowOfSink(row: JsonObject, { alias, where }: Partial<SinkPlanBase>, sinks: readonly SinkPlan[]): JsonObject | null {
  if (where !== undefined && !matchesWhere(where, row)) return null;
  const prefixes = sinks.flatMap((sink) => (sink.alias ? [sink.alias + ALIAS_JOINER] : []));
  if (prefixes.length === 0) return row;
  const entries = Object.entries(row);
  const own = alias ? alias + ALIAS_JOINER : null;
  const kept =
    own === null
      ? entries.filter(([column]) => !prefixes.some((prefix) => column.startsWith(prefix)))
      : entries.filter(([column]) => column.startsWith(own)).map(([column, value]) => [column.slice(own.length), value] as const);
  return kept.length === 0 && entries.length > 0 ? null : Object.fromEntries(kept);
}

/** As `rowOfSink`, for all rows. */
export async function* rowsOfSink(rows: AsyncIterable<JsonObject>, sink: Partial<SinkPlanBase>, sinks: readonly SinkPlan[]): AsyncGenerator<JsonObject> {
  for await (const row of rows) {
    const kept = rowOfSink(row, sink, sinks);
    if (kept !== null) yield kept;
  }
}
