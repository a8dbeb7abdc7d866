import type { SourcePlan } from '../../pipeline/plan.ts';
import { joinSources } from './join/join-sources.ts';
import { flattenBatches, type RecordBatches } from './record-batches.ts';
import type { RecordSource, SourceIdentity } from './record-source.ts';
import { readSource } from './read-source.ts';
import { sourceName } from './source-name.ts';
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
  /** Of the run: `join_type: random` draws by it. Default 0. */
  seed?: number;
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
  return flattenBatches(openBatches(options), options.signal);
}

/** As `openSource`, with the rows together that its reader finds at once. */
export function openBatches(options: OpenSourceOptions): RecordBatches {
  const { source, functions, signal, identity, seed = 0 } = options;
  if (source.type === 'joined') {
    const open = (index: number): RecordBatches => {
      const { identity: _, ...rest } = options;
      const part = identity?.parts?.[index];
      return openBatches({ ...rest, source: source.parts[index]!.source, ...(part && { identity: part }) });
    };
    return joinSources({ source, open, seed, signal });
  }
  const { environment } = options;
  return applyTransformations(
    readSource({ source, environment, signal, ...(identity && { identity }) }),
    source.transformations,
    { functions, onBadRecord: source.onBadRecord, name: sourceName(source), signal },
  );
}
