import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { datasetName, rejectedFileOf, writeQualityTask, type QualityRequest } from '../../activities/quality/quality-task.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { WORKFLOW_TYPES } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { readRules } from '../quality/read-rules.ts';
import type { RunOptions } from '../run/run-request.ts';

interface QualityOptions extends RunOptions {
  mode?: 'filter' | 'tag';
  rules?: string;
  messages?: string;
  judge?: string;
  split?: string;
  configName?: string;
  sygraMetadata?: boolean;
}

/** `syngraph quality DATASET`: writes the pipeline that tags it, and runs that. */
export async function execute(context: CommandContext, [dataset = '']: (string | undefined)[], options: QualityOptions): Promise<number> {
  const { mode: _, rules: _rules, messages: _messages, judge: _judge, split: _split, configName: _name, sygraMetadata: _sygra, output: _output, outputDir: _dir, ...flags } = options;
  const request = requestOf(context, dataset, options);
  const task = await writeQualityTask(context.store, request);
  if (flags.dryRun === true) return (await import('../run/dry-run.ts')).dryRun(context, { task, flags });
  if (request.mode === 'filter') context.terminal.tell(`Rejected records go to ${rejectedFileOf(request.output)}.`);
  if (flags.resume !== undefined) {
    const { resumeRun } = await import('../run/resume-run.ts');
    return resumeRun(context, { task, run: flags.resume === true ? (flags.runId ?? null) : flags.resume, flags });
  }
  return (await import('../run/start-run.ts')).startRun(context, { task, flags, workflowType: WORKFLOW_TYPES.quality });
}

function requestOf(context: CommandContext, dataset: string, options: QualityOptions): QualityRequest {
  const { workingDirectory } = context;
  const file = resolve(workingDirectory, dataset);
  const name = datasetName(dataset);
  const isFile = existsSync(file);
  if (!isFile && !/^[\w.-]+\/[\w.-]+$/.test(dataset)) {
    throw new SyngraphError({ code: 'SOURCE_NOT_FOUND', message: `there is no file ${dataset}`, nextStep: 'Name a .json, .jsonl, .csv or .parquet file, or a dataset of the Hugging Face Hub as owner/name.' });
  }
  const folder = resolve(workingDirectory, options.outputDir ?? 'output');
  return {
    source: isFile ? { type: 'disk', file_path: file } : hubSource(dataset, options),
    name,
    output: options.output === undefined ? join(folder, `${name}_quality${isFile ? extname(file) : '.jsonl'}`) : resolve(workingDirectory, options.output),
    mode: options.mode ?? 'filter',
    rules: options.rules === undefined ? {} : readRules(resolve(workingDirectory, options.rules)),
    messages: options.messages ?? null,
    judge: options.judge ?? null,
    sygraMetadata: options.sygraMetadata === true,
  };
}

function hubSource(repository: string, { split, configName }: QualityOptions): JsonObject {
  return { type: 'hf', repo_id: repository, ...(split === undefined ? {} : { split }), ...(configName === undefined ? {} : { config_name: configName }) };
}
