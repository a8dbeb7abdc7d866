import { ALIAS_JOINER } from '../../../pipeline/compile/alias.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { JoinedPartPlan, JoinedSourcePlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { sourceName } from '../source-name.ts';
import { mapRows } from '../transformations/map-rows.ts';
import { joinKey } from './join-key.ts';
import { joinStage } from './join-stages.ts';
import { SpilledRows } from './spilled-rows.ts';
import { stackSources } from './stack-sources.ts';

export interface JoinSourcesOptions {
  source: JoinedSourcePlan;
  /** A part's rows with its transformations applied. */
  open: (index: number) => RecordBatches;
  seed: number;
  signal: AbortSignal;
}

/**
 * Several sources read as one. The primary source is streamed; the others are read first, into
 * temporary files, and join it one after the other in the order of the plan. Rows of them that
 * cannot be read, where they do not stop the run, come before all others.
 * @throws SyngraphError SOURCE_INVALID where a source that joins has no rows, or too many; DISK_FULL
 */
export async function* joinSources(options: JoinSourcesOptions): AsyncGenerator<SourceRow[]> {
  const { source, open, seed, signal } = options;
  const [primary, ...others] = source.parts;
  if (primary === undefined) return;
  if (primary.join.kind === 'vstack') {
    yield* stackSources({ parts: source.parts, open });
    return;
  }
  const spills: SpilledRows[] = [];
  try {
    let batches = mapRows(open(0), (row) => ({ ok: true, row: withPrefix(row, primary.alias) }));
    for (const [index, part] of others.entries()) {
      const rows = await spill(part, open(index + 1));
      spills.push(rows);
      if (rows.badRows.length > 0) yield [...rows.badRows];
      batches = joinStage(batches, {
        join: part.join,
        alias: part.alias,
        rows,
        primaryColumn: part.join.kind === 'column' ? primary.alias + ALIAS_JOINER + part.join.primaryKey : '',
        prefix: (row) => withPrefix(row, part.alias),
        seed,
        signal,
      });
    }
    yield* batches;
  } finally {
    await Promise.all(spills.map((rows) => rows.close()));
  }
}

async function spill({ join, source, alias }: JoinedPartPlan, batches: RecordBatches): Promise<SpilledRows> {
  const name = `${sourceName(source)} (alias ${alias})`;
  const column = join.kind === 'column' ? join.joinKey : null;
  const keyOf = (row: JsonObject): string | null => joinKey(column !== null && Object.hasOwn(row, column) ? row[column] : null);
  const rows = await SpilledRows.read(batches, { name, ...(column !== null && { keyOf }) });
  if (rows.length > 0 || join.kind === 'column') return rows;
  await rows.close();
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${name} has no rows, so there is nothing to join with.`,
    nextStep: 'Check its path, filters and transformations.',
  });
}

/** Columns that have the prefix already stay as they are, as SyGra has it. */
function withPrefix(row: JsonObject, alias: string): JsonObject {
  const prefix = alias + ALIAS_JOINER;
  const entries = Object.entries(row);
  if (entries.some(([column]) => column.startsWith(prefix))) return row;
  return Object.fromEntries(entries.map(([column, value]) => [prefix + column, value]));
}
