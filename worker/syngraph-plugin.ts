import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import { workflowBundle } from './workflow-bundle.ts';

export interface SyngraphPluginOptions {
  /** Syngraph's activities, as `createActivities` makes them; a client needs none. */
  activities?: object;
}

/**
 * Adds Syngraph to anybody's own Worker and Client:
 * `Worker.create({ taskQueue, plugins: [new SyngraphPlugin({ activities })] })`. A worker that has
 * no workflows of its own gets Syngraph's bundle; one that is made from `workflowsPath` or a
 * bundle keeps it, and has to export Syngraph's workflows (`export * from 'syngraph/workflows'`).
 */
export class SyngraphPlugin extends SimplePlugin {
  constructor(options: SyngraphPluginOptions = {}) {
    super({ name: 'syngraph', ...(options.activities === undefined ? {} : { activities: options.activities }) });
  }

  // SimplePlugin's own is synchronous, Temporal awaits either; see WorkerPlugin in @temporalio/worker.
  // @ts-expect-error -- SimplePlugin declares WorkerOptions without the promise that WorkerPlugin allows
  override async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const configured = super.configureWorker(options);
    const hasWorkflows = configured.workflowsPath !== undefined || configured.workflowBundle !== undefined;
    return hasWorkflows ? configured : { ...configured, workflowBundle: await workflowBundle() };
  }
}
