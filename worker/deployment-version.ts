import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { SyngraphError } from '../pipeline/errors.ts';

/**
 * The version of Temporal's worker versioning that this worker belongs to, from the variables that
 * Temporal's worker controller sets: TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID. A run
 * stays with the version that it was started on. null: the worker has no version, and serves all.
 * @throws SyngraphError USAGE where only one of them is set
 */
export function deploymentVersion(environment: NodeJS.ProcessEnv): WorkerDeploymentOptions | null {
  const deploymentName = environment.TEMPORAL_DEPLOYMENT_NAME ?? '';
  const buildId = environment.TEMPORAL_WORKER_BUILD_ID ?? '';
  if (deploymentName === '' && buildId === '') return null;
  if (deploymentName !== '' && buildId !== '') {
    return { version: { deploymentName, buildId }, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
  }
  throw new SyngraphError({
    code: 'USAGE',
    message: `${deploymentName === '' ? 'TEMPORAL_WORKER_BUILD_ID' : 'TEMPORAL_DEPLOYMENT_NAME'} is set, but ${deploymentName === '' ? 'TEMPORAL_DEPLOYMENT_NAME' : 'TEMPORAL_WORKER_BUILD_ID'} is not`,
    nextStep: 'Set both to give workers a version, or neither.',
  });
}
