import { resolve } from 'node:path';

import type { ModuleFact } from '../../pipeline/facts.ts';
import { parseFunctionPath } from '../../pipeline/function-path.ts';
import { helperUses, type HelperUse } from '../../pipeline/helper-exports.ts';
import { folderAt } from '../../pipeline/parsed-pipeline.ts';
import { readPipeline } from '../../pipeline/read-pipeline.ts';
import { withBundler } from '../functions/bundler-service.ts';
import { expandSubgraphs } from './expand-subgraphs.ts';
import { gatherModuleFact } from './module-fact.ts';
import { readBeginning } from './read-beginning.ts';
import { findTaskFile } from './task-file.ts';

export interface InspectHelpersOptions {
  task: string;
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
}

/** An export that a task names, and where it is. */
export interface TaskHelper {
  /** As the pipeline names it. */
  text: string;
  exportName: string;
  uses: HelperUse[];
  typescript: HelperPlace;
  python: HelperPlace;
  /** Absolute: where its TypeScript is, or would be looked for. */
  target: string;
}

/** `broken` carries why its module cannot be read. */
export type HelperPlace =
  /** `members`: methods of a class, or what a whole module exports. */
  { status: 'found'; file: string; members: string[] } | { status: 'missing' } | { status: 'broken'; message: string };

/** The exports that a task and its subgraphs name, in either language. What SyGra itself has is no affair of the task's. */
export async function inspectHelpers(options: InspectHelpersOptions): Promise<TaskHelper[]> {
  const { task, workingDirectory, environment } = options;
  const file = await findTaskFile(task, workingDirectory);
  const { parsed } = readPipeline({
    file: file.shown,
    content: await readBeginning(file.path),
    taskFolder: file.folder,
  });
  if (parsed === null) return [];
  const gatherSources = (): Promise<[]> => Promise.resolve([]);
  const { instances } = await expandSubgraphs({ parsed, path: file.path, workingDirectory, gatherSources });
  const named = [parsed, ...instances].flatMap((pipeline) =>
    helperUses(pipeline).map((use) => ({ use, folder: folderAt(pipeline, use.path) })),
  );
  const groups = new Map<string, typeof named>();
  for (const entry of named) {
    const key = JSON.stringify([entry.folder, entry.use.text]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return withBundler(async () => {
    const helpers = await Promise.all(
      [...groups.values()].map(async (uses) => {
        const { use, folder } = uses[0]!;
        return inspectHelper({
          uses: uses.map((entry) => entry.use),
          text: use.text,
          taskFolder: folder,
          workingDirectory,
          environment,
        });
      }),
    );
    return helpers.filter((helper) => helper !== null);
  });
}

interface InspectedHelper extends Pick<InspectHelpersOptions, 'workingDirectory' | 'environment'> {
  text: string;
  uses: HelperUse[];
  /** Of the file that names it. */
  taskFolder: string;
}

/** null where it is no export of the task's: SyGra's own, or not the name of one, which the compiler reports. */
async function inspectHelper({ text, uses, ...place }: InspectedHelper): Promise<TaskHelper | null> {
  const path = parseFunctionPath(text);
  if (path === null || text.startsWith('sygra.')) return null;
  const { exportName } = path;
  const look = (helpers: 'typescript' | 'python', specifier = path.specifier): Promise<ModuleFact> =>
    gatherModuleFact({ ...place, specifier, helpers });
  const [typescript, python] = await Promise.all([look('typescript'), look('python')]);
  const isTool = uses.every(({ role }) => role === 'tool');
  // A tool's path may name a whole module.
  if (isTool && typescript.status === 'missing' && python.status === 'missing') {
    const modules = await Promise.all([look('typescript', text), look('python', text)]);
    const [own, twin] = [modulePlace(modules[0]), modulePlace(modules[1])];
    const file = own.status === 'found' ? own.file : twin.status === 'found' ? twin.file : null;
    if (file !== null)
      return { text, exportName: '*', uses, typescript: own, python: twin, target: targetOf(twin, file) };
  }
  const inPython = placeOf(python, exportName);
  const file =
    typescript.status === 'missing' ? resolve(place.workingDirectory, typescript.triedFiles[0]!) : typescript.file;
  const target = typescript.status === 'missing' ? targetOf(inPython, file) : file;
  return { text, exportName, uses, typescript: placeOf(typescript, exportName), python: inPython, target };
}

function placeOf(fact: ModuleFact, exportName: string): HelperPlace {
  if (fact.status === 'broken') return { status: 'broken', message: fact.message };
  if (fact.status === 'missing' || !Object.hasOwn(fact.exports, exportName)) return { status: 'missing' };
  return { status: 'found', file: fact.file, members: fact.exports[exportName]!.methods ?? [] };
}

function modulePlace(fact: ModuleFact): HelperPlace {
  return fact.status === 'found'
    ? { status: 'found', file: fact.file, members: Object.keys(fact.exports) }
    : { status: 'missing' };
}

/** Beside its Python twin, if there is one. */
function targetOf(python: HelperPlace, file: string): string {
  return python.status === 'found' ? python.file.replace(/\.py$/, '.ts') : file;
}
