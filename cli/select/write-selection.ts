import { chooseRows } from '../../analysis/selection/choose-rows.ts';
import { interleave, orderRows } from '../../analysis/selection/order-rows.ts';
import { recordView } from '../../analysis/selection/record-view.ts';
import type { RecordSource } from '../../activities/data/record-source.ts';
import { writeOutput } from '../../activities/data/write-output.ts';
import { seededRandom } from '../../activities/nodes/seeded-random.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { matchesWhere } from '../../pipeline/matches-where.ts';
import type { FileFormat } from '../../pipeline/plan.ts';
import { ConditionFields, type UnknownField } from './condition-fields.ts';
import { readMatching, type MatchingRows } from './matching-rows.ts';
import { withProvenance } from './provenance.ts';
import type { Selection } from './select-options.ts';

export interface StratumCounts {
  /** null: records that have nothing in the field. */
  value: string | null;
  matching: number;
  selected: number;
}

export interface SelectionCounts {
  /** Of the input. */
  records: number;
  /** Records that meet the condition. */
  matching: number;
  /** Fields of the condition that no record has. */
  unknownFields: UnknownField[];
  selected: number;
  /** Records of the other file. */
  mixed: number;
  /** Records that meet the condition and could not be chosen, as they have no number to choose by. */
  withoutNumber: number;
  /** Selected records without a number to order by; they come last. */
  withoutOrder: number;
  /** null: it is not stratified. */
  strata: StratumCounts[] | null;
}

export interface WriteSelection {
  selection: Selection;
  /** Opens the input anew each time. */
  input: { file: string; open: () => RecordSource };
  mix: { file: string; open: () => RecordSource } | null;
  output: { path: string; format: FileFormat };
}

/** Selects and writes; the output appears under its name only when it is whole. */
export async function writeSelection(options: WriteSelection): Promise<SelectionCounts> {
  const { choice, order, mix } = options.selection;
  return choice === null && order === null && mix === null ? writeStreamed(options) : writeChosen(options);
}

/** A condition alone needs no memory of what came before. */
async function writeStreamed({ selection: { where, into, provenance }, input, output }: WriteSelection): Promise<SelectionCounts> {
  let records = 0;
  const fields = new ConditionFields(where);
  async function* rows(): AsyncGenerator<JsonObject> {
    // CSV and Parquet take all rows twice.
    records = 0;
    for await (const entry of input.open()) {
      records += 1;
      if (!entry.ok) continue;
      if (where !== null) {
        const view = recordView(entry.row, into);
        fields.see(view);
        if (!matchesWhere(where, view)) continue;
      }
      yield provenance === null ? entry.row : withProvenance(entry.row, { key: provenance, file: input.file, number: records, role: 'selected' });
    }
  }
  const { rows: selected } = await writeOutput({ rows, ...output, encoding: 'utf-8' });
  return { records, matching: selected, unknownFields: fields.unknown(), selected, mixed: 0, withoutNumber: 0, withoutOrder: 0, strata: null };
}

async function writeChosen({ selection, input, mix, output }: WriteSelection): Promise<SelectionCounts> {
  const matching = await readMatching({ rows: input.open(), file: input.file, selection });
  try {
    const chosen = chooseAndOrder(matching, selection);
    const others = mix === null || selection.mix === null ? null : await drawOthers({ mix, ratio: selection.mix.ratio, selected: chosen.length, selection });
    try {
      await writeOutput({ rows: () => rowsOf(matching, { chosen, others, seed: selection.seed }), ...output, encoding: 'utf-8' });
      return { ...countsOf(matching, chosen), mixed: others?.chosen.length ?? 0 };
    } finally {
      await others?.rows.rows.close();
    }
  } finally {
    await matching.rows.close();
  }
}

function chooseAndOrder({ rows, keys, strata, order }: MatchingRows, { choice, order: wanted }: Selection): Uint32Array {
  if (choice !== null && keys!.every(Number.isNaN) && rows.length > 0 && choice.key.kind !== 'random') throw noNumbers(choice.key.field);
  if (wanted !== null && order!.every(Number.isNaN) && rows.length > 0) throw noNumbers(wanted.field);
  if (strata !== null && choice !== null && rows.length > 0 && strata.names.every((name) => name === null)) throw nothingThere(choice.stratify ?? '');
  const all = (): Uint32Array => Uint32Array.from({ length: rows.length }, (_, row) => row);
  const chosen = choice === null ? all() : chooseRows({ keys: keys!, strata: strata?.numbers ?? null, quota: choice.quota });
  if (wanted !== null) return orderRows(chosen.sort(), { values: order!, descending: wanted.descending });
  // The best come first where they were asked for; by chance rows stay in the order of the file.
  return choice?.key.kind === 'best' && choice.stratify === null ? chosen : chosen.sort();
}

interface OtherRows {
  rows: MatchingRows;
  chosen: Uint32Array;
}

/** As many as make the wanted share of the whole, at random. */
async function drawOthers({ mix, ratio, selected, selection }: { mix: { file: string; open: () => RecordSource }; ratio: number; selected: number; selection: Selection }): Promise<OtherRows> {
  const { into, seed, provenance } = selection;
  const wanted = Math.round((ratio / (1 - ratio)) * selected);
  const drawn: Selection = { where: null, choice: { key: { kind: 'random' }, stratify: null, quota: { size: wanted } }, order: null, mix: null, provenance, into, seed };
  const rows = await readMatching({ rows: mix.open(), file: mix.file, selection: drawn, role: 'mixed' });
  if (rows.rows.length >= wanted) return { rows, chosen: chooseRows({ keys: rows.keys!, strata: null, quota: { size: wanted } }).sort() };
  await rows.rows.close();
  const most = rows.rows.length / (rows.rows.length + selected);
  throw new SyngraphError({
    code: 'USAGE',
    message: `a share of ${ratio} beside ${selected} selected records takes ${wanted} of ${mix.file}, which has ${rows.rows.length}`,
    nextStep: `Select fewer records, or mix in a share of at most ${(Math.floor(most * 1000) / 1000).toFixed(3)}.`,
  });
}

async function* rowsOf(matching: MatchingRows, { chosen, others, seed }: { chosen: Uint32Array; others: OtherRows | null; seed: number }): AsyncGenerator<JsonObject> {
  const places = [0, 0];
  for (const which of interleave({ first: chosen.length, second: others?.chosen.length ?? 0, random: (position) => seededRandom([seed, 'mix', position]) })) {
    if (which === 'first') yield matching.rows.row(chosen[places[0]!++]!);
    else yield others!.rows.rows.row(others!.chosen[places[1]!++]!);
  }
}

function countsOf({ rows, records, unknownFields, keys, strata, order }: MatchingRows, chosen: Uint32Array): SelectionCounts {
  const countNaN = (values: Float64Array): number => values.reduce((sum, value) => sum + Number(Number.isNaN(value)), 0);
  const counts = strata?.names.map((value): StratumCounts => ({ value, matching: 0, selected: 0 })) ?? null;
  strata?.numbers.forEach((stratum) => (counts![stratum]!.matching += 1));
  if (strata !== null) for (const row of chosen) counts![strata.numbers[row]!]!.selected += 1;
  return {
    records,
    matching: rows.length,
    unknownFields,
    selected: chosen.length,
    mixed: 0,
    withoutNumber: keys === null ? 0 : countNaN(keys),
    withoutOrder: order === null ? 0 : chosen.reduce((sum, row) => sum + Number(Number.isNaN(order[row])), 0),
    strata: counts,
  };
}

function nothingThere(field: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message: `no record has anything in ${field}`, nextStep: 'Stratify by a field of the records, or by what tagging has written: category, difficulty, accuracy, language.detected.' });
}

function noNumbers(field: string): SyngraphError {
  return new SyngraphError({
    code: 'USAGE',
    message: `no record has a number in ${field}`,
    nextStep: 'Name a field of the records, such as metadata.score, or what tagging has written: overall_score, accuracy, difficulty, lexical_richness.ttr_score.',
  });
}
