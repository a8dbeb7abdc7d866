import { basename, extname } from 'node:path/posix';
import { QUALITY_RULE_DEFAULTS, type BenchmarkPlan, type QualityRuleSettings } from '../../quality-rules.ts';
import type { QualityNodeConfig } from '../../schema/nodes/quality-node.ts';
import type { SourceConfig } from '../../schema/source-schema.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import { compileSource } from '../compile-source.ts';
import { settingsOf } from './rule-settings.ts';

interface ContaminationParts {
  config: NonNullable<NonNullable<QualityNodeConfig['rules']>['contamination']>;
  path: YamlPath;
}

/** null: the rule is off, as it is without benchmarks. */
export function compileContamination(context: CompileContext, { config, path }: ContaminationParts): QualityRuleSettings['contamination'] | null {
  if (config === false) return null;
  const given = config === true ? {} : config;
  if (given.benchmarks === undefined) {
    context.report({
      code: 'MISSING_KEY',
      path,
      target: { part: 'key' },
      message: 'Contamination is looked for in benchmarks, and none is given',
      hint: 'Add benchmarks: with files, or datasets of the Hub such as owner/name.',
    });
    return null;
  }
  const benchmarks = given.benchmarks.flatMap((source, index): BenchmarkPlan[] => {
    const at = [...path, 'benchmarks', index].join('\0');
    const parsed = context.parsed.sources.find((candidate) => candidate.path.join('\0') === at);
    const plan = parsed === undefined ? null : compileSource(context, parsed, true).plan;
    return plan === null ? [] : [{ name: nameOf(source), source: plan }];
  });
  return { ...QUALITY_RULE_DEFAULTS.contamination, ...settingsOf(given), benchmarks };
}

function nameOf(source: SourceConfig): string {
  if (source.alias) return source.alias;
  if (source.type === 'disk') return basename(source.file_path, extname(source.file_path));
  return source.type === 'hf' ? source.repo_id : source.table;
}
