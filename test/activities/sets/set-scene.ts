import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { ModelPlan, SetOperationPlan } from '../../../pipeline/plan.ts';
import type { NodeStatistics } from '../../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import type { ModelGateway } from '../../../activities/models/model-gateway.ts';
import type { RunContext } from '../../../activities/run/run-context.ts';
import { decideSet, type SetDecision } from '../../../activities/sets/decide-set.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';

/** Decides over sets with a store of its own, without workflows. */
export interface SetScene {
  folder: string;
  decide(operation: SetOperationPlan, states: JsonObject[], more?: { signal?: AbortSignal; statistics?: NodeStatistics }): Promise<SetDecision[]>;
  /** Positions of the records that stay. */
  kept(operation: SetOperationPlan, states: JsonObject[]): Promise<number[]>;
  close(): Promise<void>;
}

export interface SetSceneOptions {
  gateway?: Partial<ModelGateway>;
  functions?: Partial<ActivityDependencies['functions']>;
  models?: Record<string, Partial<ModelPlan>>;
}

export async function createSetScene({ gateway = {}, functions = {}, models = {} }: SetSceneOptions = {}): Promise<SetScene> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-sets-'));
  const silent = (): void => undefined;
  const dependencies = {
    store: createFolderStore(join(folder, 'store')),
    gateway: { refresh: silent, isSimulated: () => true, lastAnswerAt: () => 0, ...gateway },
    functions,
    workingDirectory: folder,
  } as unknown as ActivityDependencies;
  const run = {
    folder: 'runs/demo/one',
    bundlePath: '/bundles/code.mjs',
    plan: { models },
    description: {
      reference: { pipeline: 'demo', run: 'one' },
      concurrency: 8,
      outputs: [{ path: join(folder, 'output_demo.jsonl') }],
      simulatedModels: Object.values(models).map(({ name }) => name),
    },
    live: { add: silent, waiting: silent },
    steering: { notePaid: silent },
  } as unknown as RunContext;
  const decide: SetScene['decide'] = async (operation, states, { signal = new AbortController().signal, ...more } = {}) => {
    async function* records(): AsyncGenerator<{ id: string; state: JsonObject }> {
      for (const [index, state] of states.entries()) yield { id: `record ${index}`, state };
    }
    const decision = await decideSet({ dependencies, run, name: 'dedup', operation, records, signal, ...more });
    return states.map((_, index) => decision(index));
  };
  return {
    folder,
    decide,
    async kept(operation, states) {
      const decisions = await decide(operation, states);
      return [...decisions.keys()].filter((index) => decisions[index]?.kind === 'keep');
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export const texts = (...list: (string | null)[]): JsonObject[] => list.map((text) => ({ text }));
