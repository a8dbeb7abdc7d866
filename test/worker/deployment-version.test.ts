import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deploymentVersion } from '../../worker/deployment-version.ts';

describe('version of a worker', () => {
  it('is that of the worker controller, and none without it', () => {
    assert.equal(deploymentVersion({}), null);
    assert.deepEqual(deploymentVersion({ TEMPORAL_DEPLOYMENT_NAME: 'syngraph', TEMPORAL_WORKER_BUILD_ID: '1.2' })?.version, { deploymentName: 'syngraph', buildId: '1.2' });
  });

  it('must be whole', () => {
    assert.throws(() => deploymentVersion({ TEMPORAL_WORKER_BUILD_ID: '1.2' }), { code: 'USAGE', message: /TEMPORAL_DEPLOYMENT_NAME is not/ });
    assert.throws(() => deploymentVersion({ TEMPORAL_DEPLOYMENT_NAME: 'x' }), { code: 'USAGE', message: /TEMPORAL_WORKER_BUILD_ID is not/ });
  });
});
