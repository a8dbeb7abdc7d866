import type { DiskSourcePlan, SourcePlan } from '../../pipeline/plan.ts';
import { readFileBytes } from './file-access.ts';
import { readJsonLines } from './jsonl-reader.ts';
import type { RecordBatches } from './record-batches.ts';
import type { SourceIdentity } from './record-source.ts';
import { toUtf8 } from './text-encoding.ts';

export interface ReadSourceOptions {
  source: SourcePlan;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  identity?: SourceIdentity;
}

/** The rows of a source before its transformations. */
export function readSource(options: ReadSourceOptions): RecordBatches {
  const { source, signal } = options;
  if (source.type === 'disk') return readDisk(source, signal);
  throw new Error('not yet');
}

function readDisk(source: DiskSourcePlan, signal: AbortSignal): RecordBatches {
  const { path, format, encoding, onBadRecord } = source;
  const chunks = toUtf8(readFileBytes(path, signal), { encoding, name: path });
  if (format === 'jsonl') return readJsonLines({ chunks, name: path, onBadRecord });
  throw new Error('not yet');
}
