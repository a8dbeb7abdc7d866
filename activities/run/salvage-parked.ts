import { END } from '../../pipeline/plan.ts';
import type { BatchResult, SalvageInput } from '../../pipeline/run-contract.ts';
import { historyResults, pastOf } from '../../pipeline/walk-past.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { BatchData } from '../nodes/batch-data.ts';
import { closeRange, readPart } from './close-range.ts';
import { finishBatch } from './finish-batch.ts';
import { loadParked, parkedBatches } from './parked-walks.ts';
import { finishedBatches, readManifest } from './range-files.ts';
import type { RunContext } from './run-context.ts';
import { rangeName } from './run-files.ts';
import { readJson } from '../store/read-json.ts';
import type { StagedIndex } from './staged-range.ts';

/**
 * Writes the finished records of batches whose others wait in vain, because the run was cancelled or has
 * failed. What the range's manifest names stays: batches that were stopped in this phase are further.
 */
export async function salvageParked(options: {
  dependencies: ActivityDependencies;
  run: RunContext;
  data: BatchData;
  input: SalvageInput;
  attempt: string;
}): Promise<void> {
  const { dependencies, run, data, input, attempt } = options;
  const { store } = dependencies;
  for (let range = input.firstRange; range < input.endRange; range += 1) {
    const index = await readJson<StagedIndex>(store, `${run.folder}/source/${rangeName(range)}.json`);
    const finished = await finishedBatches(store, run.folder, range);
    const closed = (await readManifest(store, run.folder, range))?.batches.filter(({ batch }) => !finished.includes(batch)) ?? [];
    const known = new Set([...finished, ...closed.map(({ batch }) => batch)]);
    const open = (await latestParked(options, range)).filter(({ batch }) => !known.has(batch));
    if (index === null || open.length === 0) continue;
    const batches: BatchResult[] = await Promise.all(closed.map(({ part }) => readPart(store, run.folder, { range, part })));
    for (const { batch, phase } of open) {
      const reference = run.description.reference;
      const { walk, nodes, accepted } = await loadParked(store, run, { run: reference, range, batch, phase });
      const ended = walk.cohorts.filter((cohort) => cohort.tokens.every((token) => token.node === END));
      const written = await finishBatch({
        dependencies, run, data, attempt,
        input: {
          run: reference, range, batch,
          records: Math.min(index.batchSize, index.records - batch * index.batchSize),
          finished: ended.map((cohort) => ({ records: cohort.records, history: historyResults(pastOf(cohort.tokens)), visit: 1 })),
          overVisited: walk.overVisited, failedIn: walk.failedIn, filtered: walk.filtered, spawned: walk.spawned,
          ...(walk.filteredBeside === undefined ? {} : { filteredBeside: walk.filteredBeside }),
          recordWorkflows: 0, nodes,
          ...(accepted === undefined ? {} : { accepted }),
        },
      });
      batches.push({ batch, part: written.part, counts: written.counts, nodes });
    }
    await closeRange(dependencies, run, { run: run.description.reference, range, batches, finishedBatches: finished });
  }
}

/** Where each batch of a range has waited last. */
async function latestParked({ dependencies, run, input }: Parameters<typeof salvageParked>[0], range: number): Promise<{ batch: number; phase: number }[]> {
  const latest = new Map<number, number>();
  // An earlier execution may have come further than this one.
  for (let phase = 0; ; phase += 1) {
    const parked = await parkedBatches(dependencies.store, run.folder, { range, phase });
    if (parked.length === 0 && phase >= input.phase) break;
    for (const { batch } of parked) latest.set(batch, phase);
  }
  return [...latest].map(([batch, phase]) => ({ batch, phase }));
}
