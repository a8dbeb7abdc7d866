import { createReadStream, existsSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { datasetName, rejectedFileOf, writeQualityTask, type QualityRequest } from '../../activities/quality/quality-task.ts';
import { formatOfPath } from '../../pipeline/compile/source-settings.ts';
import { joinLocation, resolveLocation } from '../../activities/store/locations.ts';
import { isS3Address } from '../../activities/store/s3/s3-address.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { WORKFLOW_TYPES } from '../../pipeline/run-contract.ts';
import type { YamlPlaces } from '../../pipeline/yaml-source.ts';
import type { CommandContext } from '../context.ts';
import { formatCount } from '../render/format.ts';
import { readRules } from '../quality/read-rules.ts';
import { RulesPlaces } from '../quality/rules-places.ts';
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
  const rules = options.rules === undefined ? null : readRules(options.rules, context.workingDirectory);
  const request = requestOf(context, dataset, { options, rules: rules?.rules ?? {} });
  const places = rules === null ? {} : { places: (own: YamlPlaces): YamlPlaces => new RulesPlaces(own, rules) };
  const task = await writeQualityTask(context.store, request);
  if (flags.dryRun === true) return (await import('../run/dry-run.ts')).dryRun(context, { task, flags, ...places });
  if (flags.resume !== undefined) {
    const { resumeRun } = await import('../run/resume-run.ts');
    return resumeRun(context, { task, run: flags.resume === true ? (flags.runId ?? null) : flags.resume, flags });
  }
  const { messages } = request;
  const check = async (plan: Plan): Promise<void> => (await import('../quality/assert-conversations.ts')).assertConversations(plan, { environment: context.environment, messages });
  const run = { task, flags, workflowType: WORKFLOW_TYPES.quality, check, ...places };
  if (flags.detach === true) return (await import('../run/detach-run.ts')).detachRun(context, run);
  const exitCode = await (await import('../run/start-run.ts')).startRun(context, run);
  if (request.mode === 'filter' && (exitCode === 0 || exitCode === 3) && !isS3Address(request.output)) await tellRejected(context, request.output);
  return exitCode;
}

/** All that is tagged counts as done, but whoever filters wants to know what is left. */
async function tellRejected({ terminal }: CommandContext, output: string): Promise<void> {
  const file = rejectedFileOf(output);
  let rejected = 0;
  for await (const _ of createInterface({ input: createReadStream(file) })) rejected += 1;
  terminal.tell(`rejected:        ${formatCount(rejected)} of the records, with reasons: ${file}`);
  terminal.tell(`look at them:    syngraph quality report ${output}`);
}

function requestOf(context: CommandContext, dataset: string, { options, rules }: { options: QualityOptions; rules: JsonObject }): QualityRequest {
  const { workingDirectory } = context;
  const file = resolveLocation(workingDirectory, dataset);
  const name = datasetName(dataset);
  const isFile = isS3Address(file) || existsSync(file);
  if (!isFile && !/^[\w.-]+\/[\w.-]+$/.test(dataset)) {
    throw new SyngraphError({ code: 'SOURCE_NOT_FOUND', message: `there is no file ${dataset}`, nextStep: 'Name a .json, .jsonl, .csv or .parquet file, or a dataset of the Hugging Face Hub as owner/name.' });
  }
  if (isFile && formatOfPath(file) === null) {
    throw new SyngraphError({ code: 'USAGE', message: `cannot tell the format of the dataset ${file}`, nextStep: 'Name a .json, .jsonl, .csv or .parquet file, or a dataset of the Hugging Face Hub as owner/name.' });
  }
  const folder = resolveLocation(workingDirectory, options.outputDir ?? 'output');
  return {
    source: isFile ? { type: 'disk', file_path: file } : hubSource(dataset, options),
    name,
    output: options.output === undefined ? joinLocation(folder, `${name}_quality${isFile ? extname(file) : '.jsonl'}`) : resolveLocation(workingDirectory, options.output),
    mode: options.mode ?? 'filter',
    rules,
    messages: options.messages ?? null,
    judge: options.judge ?? null,
    sygraMetadata: options.sygraMetadata === true,
  };
}

function hubSource(repository: string, { split, configName }: QualityOptions): JsonObject {
  return { type: 'hf', repo_id: repository, ...(split === undefined ? {} : { split }), ...(configName === undefined ? {} : { config_name: configName }) };
}
