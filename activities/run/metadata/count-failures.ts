import { addCounts } from '../../../pipeline/metrics/node-metrics.ts';

/** Failed records by node and by error code. */
export type FailureCounts = Record<string, Record<string, number>>;

/** Hands lines of failed records on, and counts what they say into `counts`. */
export async function* countFailures(lines: AsyncIterable<string>, counts: FailureCounts): AsyncGenerator<string> {
  for await (const line of lines) {
    const { node, code } = JSON.parse(line) as { node: string; code: string };
    if (!Object.hasOwn(counts, node)) counts[node] = {};
    addCounts(counts[node]!, { [code]: 1 });
    yield line;
  }
}
