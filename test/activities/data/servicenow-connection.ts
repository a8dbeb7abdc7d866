import type { ServiceNowConnectionPlan } from '../../../pipeline/plan.ts';

/** What a pipeline that names no instance connects by. */
export const CONNECTION: ServiceNowConnectionPlan = {
  instance: { variable: 'SNOW_INSTANCE' },
  username: { variable: 'SNOW_USERNAME' },
  passwordVariable: 'SNOW_PASSWORD',
  clientId: { variable: 'SNOW_OAUTH_CLIENT_ID' },
  clientSecretVariable: 'SNOW_OAUTH_CLIENT_SECRET',
  proxy: null,
  verifyTls: true,
  certificate: null,
  autoRetry: true,
};
