import { addCounts } from '../../../pipeline/metrics/node-metrics.ts';
import type { LineBlocks } from '../run-parts.ts';

/** Failed records by node and by error code. */
export type FailureCounts = Record<string, Record<string, number>>;

/** Hands lines of failed records on, and counts what they say into `counts`. */
export async function* countFailures(blocks: LineBlocks, counts: FailureCounts): AsyncGenerator<string[]> {
  for await (const lines of blocks) {
    for (const line of lines) {
      const { node, code } = JSON.parse(line) as { node: string; code: string };
      if (!Object.hasOwn(counts, node)) counts[node] = {};
      addCounts(counts[node]!, { [code]: 1 });
    }
    yield lines;
  }
}
