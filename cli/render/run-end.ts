import { isCap, WORKFLOW_TYPES, type PauseCause, type RunStatus } from '../../pipeline/run-contract.ts';
import type { FailedGroup } from '../runs/failed-records.ts';
import type { RunReport } from '../runs/run-report.ts';
import type { Colours } from '../terminal.ts';
import { renderFailedGroups } from './failed-groups.ts';
import { formatCost, formatCount, formatDuration } from './format.ts';
import { resumeCommand } from './resume-command.ts';
import { renderNodeTable } from './node-table.ts';

const GROUPS_SHOWN = 5;

/** What a run says at its end: how it went, what each node did, where everything is, what to do next. */
export function renderRunEnd(
  report: RunReport,
  { colours, cause, task, failed, again = null }: { colours: Colours; cause: PauseCause | null; task: string; failed: FailedGroup[]; /** How failed records are tried again. */ again?: string | null },
): string[] {
  const { json } = report;
  const isUnfinished = json.status !== 'done' && json.status !== 'failed_records';
  return [
    '',
    headline(report, colours),
    ...pauseLines(cause, colours),
    ...(Object.keys(report.nodes).length === 0 ? [] : ['', ...renderNodeTable(report.nodes), '']),
    ...(report.simulatedModels.length === 0 ? [] : [colours.yellow(simulatedEnd(report.simulatedModels))]),
    ...targetLines(report, { colours, isUnfinished }),
    ...reusedLines(report),
    ...retryLines(report),
    ...(failed.length === 0 ? [] : [...renderFailedGroups(failed, { colours, most: GROUPS_SHOWN }), '']),
    ...place('output', json.output),
    ...report.moreOutputs.flatMap((path) => place('', path)),
    ...oasstLines(report, colours),
    ...place('failed records', json.failedRecords),
    ...qualityLines(report),
    ...reportLines(report),
    ...place('in Temporal', json.temporalUi === null || report.serverStays ? json.temporalUi : `${json.temporalUi} (while the server runs: syngraph up)`),
    ...(isUnfinished ? place('go on with', resumeCommand({ name: report.name, task, workflowType: report.workflowType })) : []),
    ...(!isUnfinished && (json.retryOf?.counts.failed ?? json.counts.failed) > 0 ? place('try them again', again) : []),
  ];
}

/** Whoever reads nothing but the end must not take the file for a dataset. */
function simulatedEnd(models: readonly string[]): string {
  return `The answers of ${models.join(', ')} are simulated: no model was called for them. For real ones set ${endpointVariables(models)} and run again.`;
}

/** Says which models are answered by the built-in simulation, and what would change that. */
export function simulatedLine(models: readonly string[]): string {
  const whose = models.length === 1 ? 'its' : 'their';
  return `No endpoint is configured for ${models.join(', ')}: ${whose} answers are simulated. Set ${endpointVariables(models)} for real ones.`;
}

function endpointVariables(models: readonly string[]): string {
  return `OPENAI_API_KEY or ${models.map((model) => `SYGRA_${model.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`).join(', ')}`;
}

const WORDS: Record<RunStatus, string> = {
  running: 'left running',
  paused: 'paused',
  merging: 'left while writing the output',
  done: 'done',
  failed_records: 'finished with failed records',
  capped: 'stopped at its cap',
  cancelled: 'cancelled',
  failed: 'failed',
};

function headline({ name, json, rows, filtered, cancelled }: RunReport, colours: Colours): string {
  const paint = json.status === 'done' ? colours.green : json.status === 'failed' ? colours.red : colours.yellow;
  const { counts } = json;
  const parts = [
    counts.total > 0 ? `${formatCount(counts.done)} of ${formatCount(counts.total)} records` : json.status === 'done' ? 'no records' : '',
    rows !== null && rows !== counts.done - filtered ? `${formatCount(rows)} rows` : '',
    counts.failed > 0 ? `${formatCount(counts.failed)} failed` : '',
    filtered > 0 ? `${formatCount(filtered)} filtered` : '',
    cancelled > 0 ? `${formatCount(cancelled)} unfinished` : '',
    `${formatCount(json.modelCalls)} model calls`,
    `${formatCount(json.tokens)} tokens`,
    json.cost === null || json.cost === 0 ? '' : formatCost(json.cost),
    formatDuration(json.seconds),
  ];
  return `${colours.bold(name)} ${paint(WORDS[json.status])}: ${parts.filter((part) => part !== '').join(', ')}`;
}

function pauseLines(cause: PauseCause | null, colours: Colours): string[] {
  if (cause === null) return [];
  const where = cause.node === null ? '' : ` at node ${cause.node}`;
  const what = isCap(cause.code) ? 'stopped' : 'paused';
  return ['', `${colours.yellow(what)}${where}: ${cause.message} ${colours.dim(`[${cause.code}]`)}`, ...(cause.nextStep === null ? [] : [`  ${cause.nextStep}`])];
}

/** Where the run's figures are: those of a retry are in its run's. */
function reportLines({ json, metadata }: RunReport): string[] {
  if (json.output === null) return [];
  return [...place('metadata', metadata), ...place('report', `syngraph report ${json.retryOf?.run ?? json.runId}`)];
}

/** What the workflow that tagged the output has found. */
function qualityLines({ quality }: RunReport): string[] {
  if (quality === null) return [];
  if (quality.status === 'cancelled') return place('go on tagging', resumeCommand({ name: quality.workflowId, task: null, workflowType: WORKFLOW_TYPES.quality }));
  return place('tagged output', quality.output);
}

/** A retry's own counts are those of the records that it has tried. */
function retryLines({ name, json }: RunReport): string[] {
  if (json.retryOf === undefined) return [];
  const { run, counts } = json.retryOf;
  const failing = counts.failed === 0 ? 'none fails any more' : `${formatCount(counts.failed)} still ${counts.failed === 1 ? 'fails' : 'fail'}`;
  return [`${name.slice(0, name.indexOf('/'))}/${run} now has ${formatCount(counts.written)} of ${formatCount(counts.total + counts.spawned)} records in its output; ${failing}.`];
}

/** A target that was missed is no failure, but must not pass for the dataset that was asked for. */
function targetLines({ json }: RunReport, { colours, isUnfinished }: { colours: Colours; isUnfinished: boolean }): string[] {
  if (json.target === undefined) return [];
  const { wanted, accepted, candidates } = json.target;
  const line = `${formatCount(accepted)} of ${formatCount(wanted)} wanted rows were accepted, out of ${formatCount(candidates)} candidates.`;
  return accepted >= wanted || isUnfinished ? [line] : [colours.yellow(`${line} Raise max_candidates, or add source records, for more.`)];
}

function oasstLines({ json }: RunReport, colours: Colours): string[] {
  if (json.oasst === undefined) return [];
  const { output, failedRecords, records, failed } = json.oasst;
  return [
    ...place('OASST rows', output === json.output ? null : output),
    ...(failed === 0 ? [] : [colours.yellow(`${formatCount(failed)} of ${formatCount(records)} rows are no conversations that OASST can hold.`)]),
    ...place('not converted', failedRecords),
  ];
}

function reusedLines({ json, reusedFrom }: RunReport): string[] {
  if (json.reused === 0) return [];
  const sources = Object.entries(reusedFrom)
    .sort(([, left], [, right]) => right - left)
    .map(([run, count]) => `${formatCount(count)} from ${run}`);
  const from = sources.length === 0 ? '' : ` (${sources.slice(0, 5).join(', ')}${sources.length > 5 ? ', …' : ''})`;
  return [`${formatCount(json.reused)} answers were reused${from}; --fresh asks again.`];
}

function place(what: string, where: string | null): string[] {
  return where === null ? [] : [`${(what === '' ? '' : `${what}:`).padEnd(16)} ${where}`];
}
