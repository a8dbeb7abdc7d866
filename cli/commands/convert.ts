import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { writeConverted } from '../../activities/data/write-converted.ts';
import { isTrainingFormat, TRAINING_FORMATS, type TrainingFormatName } from '../../formats/training-formats.ts';
import { formatOfPath } from '../../pipeline/compile/source-settings.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { FileFormat } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { openRows } from '../options/open-rows.ts';
import { sourceNamed } from '../options/source-named.ts';
import { formatCount, printable } from '../render/format.ts';

interface ConvertFlags {
  to: string;
  output?: string;
  split?: string;
  configName?: string;
}

const MOST_CHARACTERS = 500;

/** `syngraph convert`: a dataset into a training format. The exit code is 3 where records could not be converted. */
export async function execute(context: CommandContext, [input = '']: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const { terminal, workingDirectory, environment, isJson } = context;
  const flags = options as unknown as ConvertFlags;
  const format = formatNamed(flags.to);
  const source = sourceNamed(input, { workingDirectory, split: flags.split, configName: flags.configName, onBadRecord: 'skip' });
  const output = outputOf(input, { flags, format, workingDirectory });
  if (source.type === 'disk' && source.path === output.path) throw usage(`the output ${output.path} is the input`, 'Name another file by --output.');
  const failedPath = `${output.path.replace(/\.[^./\\]+$/, '')}.failed.jsonl`;
  const createdAt = source.type === 'disk' ? (await stat(source.path)).mtime.toISOString() : null;
  const counts = await writeConverted({ rows: () => openRows(source, environment), format, createdAt, output, failedPath });
  const failedRecords = counts.failed > 0 ? failedPath : null;
  if (isJson) terminal.result(JSON.stringify({ input, format, output: output.path, ...counts, failedRecords }));
  else {
    terminal.tell(`${formatCount(counts.records - counts.failed)} of ${formatCount(counts.records)} records became ${formatCount(counts.rows)} ${format} rows: ${output.path}`);
    if (failedRecords !== null) {
      terminal.tell(terminal.colours.yellow(`${formatCount(counts.failed)} could not be converted; with reasons: ${failedRecords}`));
      terminal.tell(`  the first of them: ${printable(await firstReason(failedRecords), { oneLine: true, most: MOST_CHARACTERS })}`);
    }
  }
  return counts.failed > 0 ? 3 : 0;
}

/** What is wrong with one record is mostly wrong with all. */
async function firstReason(file: string): Promise<string> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { row, reason } = JSON.parse(line) as { row: number; reason: string };
    return `row ${row}, ${reason}`;
  }
  return '';
}

function formatNamed(name: string): TrainingFormatName {
  if (isTrainingFormat(name)) return name;
  throw usage(`there is no training format ${name}`, `Choose one of ${Object.keys(TRAINING_FORMATS).join(', ')}.`);
}

function outputOf(input: string, { flags, format, workingDirectory }: { flags: ConvertFlags; format: TrainingFormatName; workingDirectory: string }): { path: string; format: FileFormat } {
  const isFile = formatOfPath(input) !== null;
  const stem = isFile ? input.replace(/\.[^./\\]+$/, '') : basename(input);
  const path = resolve(workingDirectory, flags.output ?? `${stem}.${format}.jsonl`);
  const type = formatOfPath(path);
  if (type === null) throw usage(`cannot tell the format of the output ${path}`, 'End its name in one of .json, .jsonl, .csv, .parquet.');
  return { path, format: type };
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
