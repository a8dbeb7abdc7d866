import type { Quota } from '../../analysis/selection/choose-rows.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { parseWhere } from '../../pipeline/parse-where.ts';
import type { WhereExpression } from '../../pipeline/where-expression.ts';

/** As the command line has them. */
export interface SelectFlags {
  where?: string;
  size?: number;
  per?: number;
  top?: number;
  by?: string;
  lowest?: boolean;
  weight?: string;
  stratify?: string;
  orderBy?: string;
  descending?: boolean;
  mix?: string;
  ratio?: number;
  provenance?: string;
  into?: string;
  seed?: number;
  output?: string;
  split?: string;
  configName?: string;
}

/** What a row's chance or rank hangs on. */
export type ChoiceKey = { kind: 'random' } | { kind: 'best'; field: string; lowest: boolean } | { kind: 'weighted'; field: string };

export interface Selection {
  where: WhereExpression | null;
  /** null: all that meet the condition. */
  choice: { key: ChoiceKey; stratify: string | null; quota: Quota } | null;
  order: { field: string; descending: boolean } | null;
  /** Share of the mixed rows in the output. */
  mix: { file: string; ratio: number } | null;
  /** Key that says where a row comes from. */
  provenance: string | null;
  /** Key that has the quality tags. */
  into: string;
  seed: number;
}

/** What the flags mean together. @throws SyngraphError USAGE where they make no sense */
export function selectionOf(flags: SelectFlags): Selection {
  const { where, orderBy, mix, ratio } = flags;
  const choice = choiceOf(flags);
  if (flags.descending === true && orderBy === undefined) throw usage('--descending has nothing to order', 'Add --order-by FIELD; --lowest is for --by.');
  if ((mix === undefined) !== (ratio === undefined)) throw usage(mix === undefined ? '--ratio is the share of rows that are mixed in' : '--mix needs the share of the rows that are mixed in', mix === undefined ? 'Add --mix FILE.' : 'Add --ratio, e.g. 0.3.');
  if (ratio !== undefined && (ratio <= 0 || ratio >= 1)) throw usage('--ratio is above 0 and below 1', 'It is the share of mixed rows in the output, e.g. 0.3.');
  if (where === undefined && choice === null && orderBy === undefined && mix === undefined) {
    throw usage('nothing says what is to be selected', 'Add --where, --size, --top N --by FIELD, --stratify FIELD --per N, --weight FIELD --size N, --order-by FIELD or --mix FILE --ratio SHARE.');
  }
  return {
    where: where === undefined ? null : conditionOf(where),
    choice,
    order: orderBy === undefined ? null : { field: orderBy, descending: flags.descending === true },
    mix: mix === undefined || ratio === undefined ? null : { file: mix, ratio },
    provenance: flags.provenance ?? null,
    into: flags.into ?? 'metadata',
    seed: flags.seed ?? 0,
  };
}

function choiceOf({ size, per, top, by, lowest, weight, stratify }: SelectFlags): Selection['choice'] {
  const counts = { '--size': size, '--per': per, '--top': top };
  const given = Object.entries(counts).filter(([, count]) => count !== undefined);
  if (given.length > 1) throw usage(`${given.map(([name]) => name).join(' and ')} each say how many rows are wanted`, 'Give one of them.');
  if (by !== undefined && weight !== undefined) throw usage('--by takes the best rows and --weight draws them by chance', 'Give one of them.');
  if (lowest === true && by === undefined) throw usage('--lowest has nothing to compare', 'Add --by FIELD; --descending is for --order-by.');
  if (top !== undefined && by === undefined) throw usage('--top needs what the rows are compared by', 'Add --by FIELD, e.g. --by overall_score; --size draws rows at random.');
  if (top !== undefined && stratify !== undefined) throw usage('--top takes the best rows of all, --stratify some of each stratum', 'For the best of each: --stratify FIELD --per N --by FIELD.');
  if (stratify !== undefined && size === undefined && per === undefined) throw usage('--stratify needs how many rows are wanted', 'Add --per N for each stratum, or --size N for all together.');
  if (per !== undefined && stratify === undefined) throw usage('--per is the number of rows of each stratum', 'Add --stratify FIELD.');
  if (weight !== undefined && size === undefined && per === undefined) throw usage('--weight needs how many rows are drawn', 'Add --size N.');
  if (by !== undefined && top === undefined && stratify === undefined) throw usage('--by needs how many of the best rows are wanted', 'Add --top N; to order all rows use --order-by.');
  const count = size ?? top;
  const quota: Quota | null = per !== undefined ? { per } : count !== undefined ? { size: count } : null;
  if (quota === null) return null;
  const key: ChoiceKey = by !== undefined ? { kind: 'best', field: by, lowest: lowest === true } : weight !== undefined ? { kind: 'weighted', field: weight } : { kind: 'random' };
  return { key, stratify: stratify ?? null, quota };
}

function conditionOf(text: string): WhereExpression {
  const { expression, problem } = parseWhere(text);
  if (expression !== null) return expression;
  const { offset = 0, length = 0, message = 'it cannot be read' } = problem ?? {};
  const place = text.length > 500 ? '' : `\n  ${text}\n  ${' '.repeat(offset)}${'^'.repeat(Math.max(1, length))}`;
  throw usage(`--where is no condition: ${message}${place}`, 'A condition is written such as: accuracy >= 4 and language.detected == "en".');
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
