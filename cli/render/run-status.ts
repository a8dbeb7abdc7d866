import type { InspectedRun } from '../runs/inspect-run.ts';
import { describeControl, PAUSED } from '../../pipeline/run-contract.ts';
import type { Colours } from '../terminal.ts';
import { formatCount } from './format.ts';
import { resumeCommand } from './resume-command.ts';
import { renderNodeTable } from './node-table.ts';
import { simulatedLine } from './run-end.ts';

/** A run as `syngraph status` shows it. */
export function renderRunStatus(run: InspectedRun, colours: Colours): string[] {
  const { counts, pause, stop, progress } = run;
  const name = `${run.pipeline}/${run.runId}`;
  const total = counts === null ? '' : `${formatCount(counts.total)}${progress !== null && !progress.stagedAll ? '+' : ''}`;
  const how = counts === null ? '' : `: ${formatCount(counts.done)} of ${total} records done, ${formatCount(counts.failed)} failed${progress?.waiting === undefined ? '' : `, ${formatCount(progress.waiting)} waiting`}`;
  return [
    `${colours.bold(name)} ${run.status.replaceAll('_', ' ')}${how}`,
    ...(pause === null ? [] : [`${colours.yellow('paused')}: ${pause.message}`, ...(pause.nextStep === null ? [] : [`  ${pause.nextStep}`])]),
    ...(stop === null ? [] : [`${colours.yellow('stopped')}: ${stop.message}`, ...(stop.nextStep === null ? [] : [`  ${stop.nextStep}`])]),
    ...describeControl(progress?.control ?? {}).map((change) => `  ${change}`),
    ...reviewLine(run, name),
    ...(progress?.tagging === undefined ? [] : [`Its output is being tagged: syngraph status ${progress.tagging}`]),
    ...(run.status === 'waiting' ? ['It is open, but no worker serves it.'] : []),
    ...(Object.keys(run.nodes).length === 0 ? [] : ['', ...renderNodeTable(run.nodes), '']),
    ...(run.simulatedModels.length === 0 ? [] : [colours.yellow(simulatedLine(run.simulatedModels))]),
    ...line('started', run.createdAt),
    ...line('output', run.output),
    ...line('failed records', run.failedRecords),
    ...line('in Temporal', run.temporalUi),
    ...(UNFINISHED.has(run.status) ? line('go on with', pause?.code === PAUSED ? `syngraph resume ${run.runId}` : resumeCommand({ ...run, name })) : []),
  ];
}

const UNFINISHED: ReadonlySet<InspectedRun['status']> = new Set(['paused', 'capped', 'stopped', 'waiting', 'cancelled', 'failed']);

function reviewLine({ progress }: InspectedRun, name: string): string[] {
  const reviews = progress?.reviews ?? 0;
  return reviews === 0 ? [] : [`${formatCount(reviews)} ${reviews === 1 ? 'record waits' : 'records wait'} for a human: syngraph review ${name}`];
}

function line(what: string, value: string | null): string[] {
  return value === null ? [] : [`${`${what}:`.padEnd(16)} ${value}`];
}
