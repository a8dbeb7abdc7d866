import type { SourcePlan } from '../../pipeline/plan.ts';
import { flattenBatches } from './record-batches.ts';
import type { RecordSource, SourceIdentity } from './record-source.ts';
import { readSource } from './read-source.ts';
import { applyTransformations } from './transformations/apply-transformations.ts';
import type { TransformFunctions } from './transformations/transform-context.ts';

export type { TransformFunctions } from './transformations/transform-context.ts';

export interface OpenSourceOptions {
  source: SourcePlan;
  functions: TransformFunctions;
  /** Where the Hub's address (HF_ENDPOINT) and token come from. */
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** As it was planned: a Hub dataset is read at that commit. Absent: as it is now. */
  identity?: SourceIdentity;
}

/**
 * The records of a source with its transformations applied, streaming. Nothing is opened before the
 * first row is asked for; leaving the loop closes what is open.
 *
 * CSV cells are text as the file has them: `007` stays `007`. Parquet's 64-bit integers are numbers
 * where a number holds them exactly, else text; dates and times are ISO 8601, binary is base64,
 * NaN is null.
 * @throws SyngraphError while it is iterated: SOURCE_NOT_FOUND, SOURCE_INVALID, FUNCTION_FAILED
 */
export function openSource(options: OpenSourceOptions): RecordSource {
  const { source, functions, signal } = options;
  const batches = applyTransformations(readSource(options), source.transformations, {
    functions,
    onBadRecord: source.onBadRecord,
    name: source.type === 'disk' ? source.path : source.repoId,
    signal,
  });
  return flattenBatches(batches, signal);
}
