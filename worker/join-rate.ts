import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { Logger } from '@temporalio/common';
import type { JoinRate, RateMember, SharedRate } from '../activities/models/rate-member.ts';
import { RATE_LEASE_UPDATE, RATE_LEAVE_SIGNAL, type RateGrant, type RateRequest } from '../pipeline/rate-contract.ts';
import { TASK_QUEUE, WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES } from '../pipeline/run-contract.ts';

/** Longer than a task waits for a killed worker that had the workflow in its cache; shorter than a lease. */
const RENEWAL_DEADLINE = 5_000;

const LEAVE_DEADLINE = 1_000;

export interface JoinRateOptions {
  client: Client;
  /** Of the worker. */
  identity: string;
  logger: Logger;
  /** Where the `limiter` workflow is served. Default: where all of ours are. */
  taskQueue?: string;
}

/** Shares the rates of models with all workers of the server: a `limiter` workflow for each model leases them. */
export function createJoinRate(options: JoinRateOptions): JoinRate {
  let members = 0;
  return (rate) => createMember(options, rate, `${options.identity}#${(members += 1)}`);
}

function createMember({ client, logger, taskQueue = TASK_QUEUE }: JoinRateOptions, { key, summary }: SharedRate, member: string): RateMember {
  const workflowId = `limiter/${key}`;
  let isFailing = false;

  function lease(demand: number): Promise<RateGrant> {
    return client.workflow.executeUpdateWithStart<() => Promise<void>, RateGrant, [RateRequest]>(RATE_LEASE_UPDATE, {
      args: [{ member, demand }],
      startWorkflowOperation: new WithStartWorkflowOperation<() => Promise<void>>(WORKFLOW_TYPES.limiter, {
        workflowId,
        taskQueue,
        args: [],
        staticSummary: summary,
        // Ahead of runs: calls wait for it.
        priority: { priorityKey: 1 },
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  }

  return {
    async renew(demand) {
      try {
        const grant = await client.withDeadline(Date.now() + RENEWAL_DEADLINE, () => lease(demand));
        if (isFailing) logger.info(`${summary}: shared again`);
        isFailing = false;
        return grant;
      } catch (error) {
        if (!isFailing) logger.warn(`${summary}: no share could be had of it, its calls may have to wait`, { error });
        isFailing = true;
        throw error;
      }
    },
    async leave() {
      try {
        await client.withDeadline(Date.now() + LEAVE_DEADLINE, () => client.workflow.getHandle(workflowId).signal(RATE_LEAVE_SIGNAL, member));
      } catch (error) {
        logger.debug(`${summary}: the share is not given back, and ends by itself`, { error });
      }
    },
  };
}
