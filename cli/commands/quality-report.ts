import { basename, resolve } from 'node:path';
import { QualityTally } from '../../analysis/quality-tally.ts';
import { Reservoir } from '../../analysis/reservoir.ts';
import { ruleLimits } from '../../analysis/rule-limits.ts';
import { writeWholeText } from '../../activities/data/write-whole.ts';
import { seededRandom } from '../../activities/nodes/seeded-random.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { CommandContext } from '../context.ts';
import { renderReport, type FullReport } from '../quality/render-report.ts';
import { tallyFiles } from '../quality/tally-files.ts';

interface ReportFlags {
  html?: string;
  rules?: string;
  /** Texts of the sample; true: the default. */
  diversity?: number | true;
  embeddingModel?: string;
  into?: string;
  seed?: number;
}

const DEFAULT_SAMPLE = 1_000;

/** `syngraph quality report FILE…`: what tagging has found, in a terminal and as a page. */
export async function execute(context: CommandContext, positionals: (string | string[] | undefined)[], options: Record<string, unknown>): Promise<number> {
  const { terminal, workingDirectory, environment, isJson } = context;
  const flags = options as ReportFlags;
  const files = positionals.flatMap((name) => name ?? []);
  const limits = ruleLimits(flags.rules === undefined ? {} : await rulesOf(flags.rules, workingDirectory));
  const seed = flags.seed ?? 0;
  const key = flags.into ?? 'metadata';
  const sample = flags.diversity === undefined ? null : flags.diversity === true ? DEFAULT_SAMPLE : flags.diversity;
  if (sample === null && flags.embeddingModel !== undefined) throw usage('--embedding-model has no effect without --diversity', 'Add --diversity.');
  const tally = new QualityTally({ key, random: (rule, position) => seededRandom([seed, rule, position]) });
  const reservoir = (name: string, size: number): Reservoir<string> => new Reservoir({ size, random: (position) => seededRandom([seed, name, position]) });
  const samples = sample === null ? null : { all: reservoir('all', sample), accepted: reservoir('accepted', sample) };
  const counts = await tallyFiles({ files, tally, samples, workingDirectory, environment });
  const summary = tally.report(limits);
  if (summary.accepted + summary.rejected === 0) throw untagged(files, key);
  const diversity = samples === null ? null : await measure(context, { samples, model: flags.embeddingModel ?? null });
  const report: FullReport = { ...summary, files: counts, diversity };
  const page = flags.html === undefined ? null : resolve(workingDirectory, flags.html);
  if (page !== null) await writePage(page, report, files);
  if (isJson) terminal.result(JSON.stringify({ ...report, html: page }));
  else {
    terminal.result(renderReport(report, { colours: terminal.colours, columns: terminal.columns() }));
    if (page !== null) terminal.tell(`\nAs a page: ${page}`);
  }
  return 0;
}

/** The schemas take longer to load than a small report takes. */
async function rulesOf(file: string, workingDirectory: string): Promise<JsonObject> {
  return (await import('../quality/checked-rules.ts')).checkedRules(file, workingDirectory);
}

async function measure({ environment, terminal }: CommandContext, { samples, model }: { samples: { all: Reservoir<string>; accepted: Reservoir<string> }; model: string | null }): Promise<FullReport['diversity']> {
  const { measureDiversity } = await import('../quality/measure-diversity.ts');
  return measureDiversity({ samples: { all: samples.all.items(), accepted: samples.accepted.items() }, model, environment, onProgress: (line) => terminal.note(line) });
}

async function writePage(path: string, report: FullReport, files: readonly string[]): Promise<void> {
  const { reportPage } = await import('../quality/report-page.ts');
  const page = reportPage(report, { title: `Quality of ${files.map((file) => basename(file)).join(', ')}`, madeAt: new Date() });
  await writeWholeText(path, page);
}

function untagged(files: readonly string[], key: string): SyngraphError {
  return usage(
    `no record of ${files.join(', ')} has quality tags: ${key}.quality_characteristics with heuristic_based or LLM_based was looked for`,
    'Tag the records first: syngraph quality FILE. Where a quality node writes under another key, name it by --into.',
  );
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
