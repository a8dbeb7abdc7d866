import { kindName, modelsOf } from '../../pipeline/describe-node.ts';
import type { NodePlan, Plan, SinkPlan, SourcePlan } from '../../pipeline/plan.ts';
import type { Colours } from '../terminal.ts';
import { formatCount } from './format.ts';
import { renderTable } from './table.ts';

export interface PlanView {
  plan: Plan;
  planHash: string;
  /** `endpoint` without any secret. */
  models: { name: string; modelId: string; simulated: boolean; endpoint: string }[];
  flags: { numRecords?: number; startIndex?: number; concurrency?: number };
}

/** What a run of the plan would do, for `--dry-run`. */
export function renderPlan({ plan, planHash, models, flags }: PlanView, colours: Colours): string[] {
  const records = flags.numRecords ?? (plan.source === null ? 10 : null);
  const skipped = (flags.startIndex ?? 0) > 0 ? `, leaving out the first ${formatCount(flags.startIndex!)}` : '';
  return [
    `${colours.bold(plan.pipeline)} ${colours.dim(`plan ${planHash.slice(0, 12)}`)}`,
    `source:   ${plan.source === null ? 'none (data-less)' : sourceText(plan.source)}`,
    `records:  ${plan.target == null ? `${records === null ? 'all of the source' : formatCount(records)}${skipped}` : targetText(plan.target)}`,
    `output:   ${plan.sinks.length === 0 ? 'a JSONL file in output/' : plan.sinks.map(sinkText).join(', ')}`,
    '',
    ...renderTable([{ title: 'node' }, { title: 'kind' }, { title: 'model' }, { title: 'writes' }, { title: 'then' }], plan.nodes.map((node) => nodeRow(plan, node))),
    ...(models.length === 0 ? [] : ['']),
    ...models.map((model) => `model ${model.name} (${model.modelId}): ${model.simulated ? 'simulated, no endpoint is configured' : model.endpoint}`),
    '',
    colours.dim('Nothing was started.'),
  ];
}

function nodeRow(plan: Plan, node: NodePlan): string[] {
  const nameOf = (target: number): string => plan.nodes[target]?.name ?? 'END';
  const conditional = node.route.conditions.flatMap((condition) =>
    Object.entries(condition.paths).map(([answer, targets]) => `${answer}: ${[targets].flat().map(nameOf).join(' + ')}`),
  );
  return [
    node.name,
    kindName(node),
    modelsOf(node).join(', '),
    node.writes.join(', '),
    [...node.route.always.map(nameOf), ...conditional].join(', '),
  ];
}

function targetText({ records, maxCandidates }: NonNullable<Plan['target']>): string {
  return `as many as make ${formatCount(records)} rows, ${formatCount(maxCandidates)} at most`;
}

function sinkText(sink: SinkPlan): string {
  if (sink.type === 'file') return sink.path;
  return sink.type === 'hf' ? `${sink.repoId} on the Hub` : `the ServiceNow table ${sink.table}`;
}

function sourceText(source: SourcePlan): string {
  if (source.type === 'joined') return source.parts.map((part) => `${part.alias}: ${sourceText(part.source)}`).join(', ');
  if (source.type === 'disk') return `${source.path} (${source.format})`;
  if (source.type === 'servicenow') return `the ServiceNow table ${source.table}`;
  return `${source.repoId}${source.configName === null ? '' : `/${source.configName}`} [${source.splits.join(', ')}] on the Hub`;
}
