import { basename } from 'node:path';
import { QualityTally } from '../../analysis/quality-tally.ts';
import { ruleLimits } from '../../analysis/rule-limits.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { HubSinkPlan } from '../../pipeline/plan.ts';
import type { CardFacts } from '../data/dataset-card.ts';
import type { SourceIdentity } from '../data/record-source.ts';
import { packageVersion } from '../package-version.ts';
import type { RunContext } from './run-context.ts';

/** What the dataset's card says of a split; reads its rows once. The same run says the same whenever it is asked. */
export async function cardFacts({ description, plan }: Pick<RunContext, 'description' | 'plan'>, sink: HubSinkPlan, rows: AsyncIterable<JsonObject>): Promise<CardFacts> {
  const tally = new QualityTally({ key: 'metadata', random: () => 0 });
  let count = 0;
  for await (const row of rows) tally.add(row, { file: '', number: (count += 1) });
  const { accepted, rejected, metrics, judge } = tally.report(ruleLimits({}));
  const { reference, seed, source, git, createdAt, simulatedModels } = description;
  const models = Object.entries(plan.models).map(([name, model]) => `${model.modelId}${simulatedModels.includes(name) ? ' (answers simulated)' : ''}`);
  return {
    config: sink.configName ?? 'default',
    split: sink.split,
    rows: count,
    settings: sink.card ?? {},
    origin: [
      ['pipeline', reference.pipeline],
      ['run', `${reference.run}, ${createdAt.slice(0, 10)}`],
      ['plan', reference.planHash],
      ['models', models.length === 0 ? 'none' : [...new Set(models)].join(', ')],
      ['source', source === null ? 'none' : (source.parts ?? [source]).map(sourceText).join('; ')],
      ['seed', String(seed)],
      ['commit', git == null ? 'none' : `${git.commit}${git.isDirty ? ', with changes' : ''}`],
      ['syngraph', packageVersion()],
    ],
    quality: accepted + rejected === 0 ? [] : [
      ['tagged rows', String(accepted + rejected)],
      ['passed the rules', String(accepted)],
      ...metrics.map(({ title, all }): [string, string] => [title, `mean ${all.mean.toPrecision(3)}, half below ${all.median.toPrecision(3)}`]),
      ...(judge === null ? [] : [['judged', 'by a language model'] as [string, string]]),
    ],
  };
}

/** The folders of a file are nobody's business. */
function sourceText({ name, version }: SourceIdentity): string {
  const isFile = name.startsWith('/') || name.startsWith('s3://');
  return `${isFile ? basename(name) : name}, version ${version.slice(0, 64)}`;
}
