import type { ModelPlan, ProviderSetting } from '../../pipeline/plan.ts';
import { ModelCallError } from './model-call-error.ts';
import { readModelVariable, variablePrefix } from './model-variables.ts';
import type { CloudEndpoint } from './model-endpoint.ts';

const DEFAULT_VERTEX_LOCATION = 'global';

/** Variables by which AWS's packages find credentials of other kinds than access keys. */
const AWS_SOURCES = [
  'AWS_PROFILE',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/** AWS's credentials for a model: its own variables, those that models.yaml names, or AWS's. null: AWS's package looks for them itself. */
export function awsCredentials(model: ModelPlan, environment: NodeJS.ProcessEnv): { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null {
  const { variables } = model.provider;
  const read = (suffix: string, named: string | undefined): string | undefined =>
    readModelVariable(environment, model.name, suffix) ?? (named === undefined ? undefined : environment[named]) ?? environment[suffix];
  const accessKeyId = read('AWS_ACCESS_KEY_ID', variables.accessKeyId);
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY', variables.secretAccessKey);
  const sessionToken = read('AWS_SESSION_TOKEN', variables.sessionToken);
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** Bedrock in its region; null: nothing speaks of AWS. */
export function bedrockEndpoint(model: ModelPlan, environment: NodeJS.ProcessEnv): CloudEndpoint | null {
  const credentials = awsCredentials(model, environment);
  if (credentials === null && !AWS_SOURCES.some((name) => environment[name])) return null;
  const region = awsRegion(model, environment);
  if (region === null) {
    throw misconfigured(model, `AWS credentials are set, but no region: set ${variablePrefix(model.name)}_AWS_REGION_NAME or AWS_REGION, or region_name in models.yaml.`);
  }
  const { accessKeyId = 'AWS_ACCESS_KEY_ID' } = model.provider.variables;
  return { url: `https://bedrock-runtime.${region}.amazonaws.com`, key: credentials?.secretAccessKey ?? null, keyVariable: accessKeyId };
}

/** null: nothing says. */
export function awsRegion(model: ModelPlan, environment: NodeJS.ProcessEnv): string | null {
  return (
    readModelVariable(environment, model.name, 'AWS_REGION_NAME') ??
    read(model.provider.region, environment) ??
    environment.AWS_REGION ??
    environment.AWS_DEFAULT_REGION ??
    null
  );
}

/** Vertex AI's endpoint for OpenAI's protocol; null: nothing speaks of Google Cloud. */
export function vertexEndpoint(model: ModelPlan, environment: NodeJS.ProcessEnv): CloudEndpoint | null {
  const { credentials: named } = model.provider.variables;
  const own = `${variablePrefix(model.name)}_VERTEX_CREDENTIALS`;
  const key = readModelVariable(environment, model.name, 'VERTEX_CREDENTIALS') ?? (named === undefined ? null : (environment[named] ?? null));
  const standard = environment.GOOGLE_APPLICATION_CREDENTIALS ?? null;
  const token = readModelVariable(environment, model.name, 'TOKEN') ?? (model.tokenVariable === null ? null : (environment[model.tokenVariable] ?? null));
  if (key === null && standard === null && token === null) return null;
  const project = readModelVariable(environment, model.name, 'VERTEX_PROJECT') ?? read(model.provider.project, environment) ?? environment.GOOGLE_CLOUD_PROJECT ?? null;
  if (project === null) {
    throw misconfigured(model, `Google credentials are set, but no project: set ${variablePrefix(model.name)}_VERTEX_PROJECT or GOOGLE_CLOUD_PROJECT, or vertex_project in models.yaml.`);
  }
  const location =
    readModelVariable(environment, model.name, 'VERTEX_LOCATION') ?? read(model.provider.region, environment) ?? environment.GOOGLE_CLOUD_LOCATION ?? DEFAULT_VERTEX_LOCATION;
  const host = location === 'global' ? 'aiplatform.googleapis.com' : `${location}-aiplatform.googleapis.com`;
  return {
    url: `https://${host}/v1/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}/endpoints/openapi`,
    key: key ?? token ?? standard,
    keyVariable: key !== null ? (named ?? own) : token !== null ? (model.tokenVariable ?? `${variablePrefix(model.name)}_TOKEN`) : 'GOOGLE_APPLICATION_CREDENTIALS',
  };
}

function read(setting: ProviderSetting | null, environment: NodeJS.ProcessEnv): string | null {
  if (setting === null) return null;
  return 'value' in setting ? setting.value : (environment[setting.variable] ?? null);
}

function misconfigured(model: ModelPlan, what: string): ModelCallError {
  return new ModelCallError({ kind: 'configuration', reason: 'rejected', message: `Model "${model.name}": ${what}` });
}
