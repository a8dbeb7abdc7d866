import { collectModules } from '../../pipeline/collect-wants.ts';
import { type ModuleFact, moduleKey, type PipelineFacts, type SourceFact } from '../../pipeline/facts.ts';
import { modelModules } from '../../pipeline/model-functions.ts';
import { folderAt, type ParsedPipeline } from '../../pipeline/parsed-pipeline.ts';
import { expandSubgraphs } from './expand-subgraphs.ts';
import { findModels } from './find-models.ts';
import { gatherModuleFact } from './module-fact.ts';
import { gatherSourceFact } from './source-fact.ts';

export interface GatherFactsOptions {
  parsed: ParsedPipeline;
  /** Absolute path of the pipeline's file, with links resolved. */
  path: string;
  /** Absolute. */
  workingDirectory: string;
  modelsFile?: string;
  environment: NodeJS.ProcessEnv;
}

/** Looks up what the compiler must know of the task's code, its sources, its models and its subgraphs. */
export async function gatherFacts(options: GatherFactsOptions): Promise<PipelineFacts> {
  const { parsed, path, workingDirectory, modelsFile, environment } = options;
  const place = { taskFolder: parsed.taskFolder, workingDirectory, environment };
  const gatherSources = (pipeline: ParsedPipeline): Promise<SourceFact[]> =>
    Promise.all(
      pipeline.sources.map((source) =>
        gatherSourceFact({ ...place, want: source.want, taskFolder: folderAt(pipeline, [...source.path, 'file_path']) }),
      ),
    );
  const { subgraphs, instances } = await expandSubgraphs({ parsed, path, workingDirectory, gatherSources });
  const models = await findModels({ ...place, ...(modelsFile === undefined ? {} : { modelsFile }) });
  const ofModels = modelModules(models).map((specifier) => ({ specifier, folder: parsed.taskFolder }));
  const [modules, sources] = await Promise.all([
    Promise.all(
      unique([...moduleWants([parsed, ...instances]), ...ofModels]).map(async ({ specifier, folder }): Promise<[string, ModuleFact]> => [
        moduleKey({ specifier, folder, taskFolder: parsed.taskFolder }),
        await gatherModuleFact({ ...place, specifier, taskFolder: folder, helpers: parsed.config.helpers ?? null }),
      ]),
    ),
    gatherSources(parsed),
  ]);
  return { modules: Object.fromEntries(modules), sources, models, subgraphs };
}

/** A module is looked for from the folder of the file that names it, which for a subgraph may be any of those around it. */
function moduleWants(pipelines: readonly ParsedPipeline[]): { specifier: string; folder: string }[] {
  return pipelines.flatMap((pipeline) =>
    collectModules(pipeline).flatMap(({ specifier }) =>
      [...new Set(pipeline.folders.values())].map((folder) => ({ specifier, folder })),
    ),
  );
}

function unique<Want>(wants: Want[]): Want[] {
  return [...new Map(wants.map((want) => [JSON.stringify(want), want])).values()];
}
