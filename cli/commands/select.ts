import { basename, extname, resolve } from 'node:path';
import { formatOfPath } from '../../pipeline/compile/source-settings.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { FileFormat, SingleSourcePlan } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { openRows } from '../options/open-rows.ts';
import { sourceNamed } from '../options/source-named.ts';
import { formatCount, printable } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { selectionOf, type SelectFlags } from '../select/select-options.ts';
import { writeSelection, type SelectionCounts } from '../select/write-selection.ts';

const MOST_STRATA_SHOWN = 50;

/** `syngraph select`: part of a dataset, by condition, rank or chance, in the order that is wanted. */
export async function execute(context: CommandContext, [input = '']: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const { terminal, workingDirectory, environment, isJson } = context;
  const flags = options as SelectFlags;
  const selection = selectionOf(flags);
  const source = sourceNamed(input, { workingDirectory, split: flags.split, configName: flags.configName, onBadRecord: 'stop' });
  const mixed = selection.mix === null ? null : sourceNamed(selection.mix.file, { workingDirectory, onBadRecord: 'stop' });
  const output = outputOf(input, { flags, workingDirectory, sources: [source, ...(mixed === null ? [] : [mixed])] });
  const counts = await writeSelection({
    selection,
    input: { file: basename(input), open: () => openRows(source, environment) },
    mix: mixed === null || selection.mix === null ? null : { file: basename(selection.mix.file), open: () => openRows(mixed, environment) },
    output,
  });
  if (isJson) terminal.result(JSON.stringify({ input, output: output.path, seed: selection.seed, ...counts }));
  else tell(context, { counts, output: output.path, flags });
  return 0;
}

function tell({ terminal }: CommandContext, { counts, output, flags }: { counts: SelectionCounts; output: string; flags: SelectFlags }): void {
  const { records, matching, selected, mixed, strata } = counts;
  const beside = mixed === 0 ? '' : ` and ${formatCount(mixed)} of ${flags.mix}`;
  const met = flags.where === undefined ? '' : `, of which ${formatCount(matching)} meet the condition`;
  terminal.tell(`${formatCount(selected)} of ${formatCount(records)} records${met}${beside}: ${output}`);
  if (strata !== null) {
    const shown = strata.slice(0, MOST_STRATA_SHOWN).map(({ value, ...count }) => [value === null ? '(none)' : printable(value, { oneLine: true, most: 40 }), formatCount(count.matching), formatCount(count.selected)]);
    terminal.tell(renderTable([{ title: printable(flags.stratify ?? '', { oneLine: true }) }, { title: 'matching', align: 'right' }, { title: 'selected', align: 'right' }], shown).join('\n'));
    if (strata.length > MOST_STRATA_SHOWN) terminal.tell(`and ${formatCount(strata.length - MOST_STRATA_SHOWN)} more`);
  }
  for (const warning of warnings(counts, flags)) terminal.tell(terminal.colours.yellow(warning));
}

function warnings({ matching, unknownFields, selected, withoutNumber, withoutOrder, strata }: SelectionCounts, flags: SelectFlags): string[] {
  const { size, top, per, weight, by, orderBy } = flags;
  const wanted = size ?? top;
  const short = per === undefined ? [] : (strata ?? []).filter((stratum) => stratum.selected < per);
  const unknown = unknownFields.map(({ field, nearest }) => `No record has ${printable(field, { oneLine: true })}, which the condition asks for${nearest === null ? '' : `; did you mean ${printable(nearest, { oneLine: true })}?`}`);
  if (matching === 0 && flags.where !== undefined) return unknown.length > 0 ? unknown : ['No record meets the condition; a comparison with a field that a record lacks is false.'];
  return [
    ...unknown,
    ...(withoutNumber === 0 ? [] : [`${formatCount(withoutNumber)} records could not be chosen: they have no number${weight === undefined ? '' : ' above 0'} in ${weight ?? by}.`]),
    ...(withoutOrder === 0 ? [] : [`${formatCount(withoutOrder)} records have no number in ${orderBy}; they come last.`]),
    ...(wanted === undefined || selected >= wanted ? [] : [`${formatCount(wanted)} were wanted, and there are no more.`]),
    ...(short.length === 0 ? [] : [`${formatCount(short.length)} of ${formatCount(strata?.length ?? 0)} strata have fewer than ${formatCount(per ?? 0)} records.`]),
  ];
}

function outputOf(input: string, { flags, workingDirectory, sources }: { flags: SelectFlags; workingDirectory: string; sources: SingleSourcePlan[] }): { path: string; format: FileFormat } {
  const extension = formatOfPath(input) === null ? '' : extname(input);
  const stem = extension === '' ? basename(input) : input.slice(0, -extension.length);
  const path = resolve(workingDirectory, flags.output ?? `${stem}.selected${extension === '' ? '.jsonl' : extension}`);
  const format = formatOfPath(path);
  if (format === null) throw usage(`cannot tell the format of the output ${path}`, 'End its name in one of .json, .jsonl, .csv, .parquet.');
  if (sources.some((source) => source.type === 'disk' && source.path === path)) throw usage(`the output ${path} is an input`, 'Name another file by --output.');
  return { path, format };
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
