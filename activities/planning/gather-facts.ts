import type { ModuleFact, PipelineFacts, PipelineWants } from '../../pipeline/facts.ts';
import { findModels } from './find-models.ts';
import { gatherModuleFact } from './module-fact.ts';
import { gatherSourceFact } from './source-fact.ts';

export interface GatherFactsOptions {
  wants: PipelineWants;
  /** Absolute, with links resolved. */
  taskFolder: string;
  /** Absolute. */
  workingDirectory: string;
  modelsFile?: string;
  environment: NodeJS.ProcessEnv;
}

/** Looks up what the compiler must know of the task's code, its sources and its models. */
export async function gatherFacts(options: GatherFactsOptions): Promise<PipelineFacts> {
  const { wants, ...place } = options;
  const [modules, sources, models] = await Promise.all([
    Promise.all(
      wants.modules.map(async ({ specifier }): Promise<[string, ModuleFact]> => [
        specifier,
        await gatherModuleFact({ specifier, ...place }),
      ]),
    ),
    Promise.all(wants.sources.map((want) => gatherSourceFact({ want, ...place }))),
    findModels(place),
  ]);
  return { modules: Object.fromEntries(modules), sources, models };
}
