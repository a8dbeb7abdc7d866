import type { ModelPlan } from '../../pipeline/plan.ts';
import { ModelCallError } from './model-call-error.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import { MODEL_PROVIDERS } from './model-registry.ts';
import { readModelVariable, variablePrefix } from './model-variables.ts';

/**
 * The endpoints of a model: urls from `SYGRA_<MODEL>_URL`, else models.yaml, else the provider's own
 * variables; keys from `SYGRA_<MODEL>_TOKEN` or `_AUTH_TOKEN`, else the variable that models.yaml
 * names, else the provider's. `|` separates several urls and the keys that match them. Empty:
 * nothing at all is configured, and the built-in simulation answers.
 * @throws ModelCallError of kind `configuration` where what is set makes no endpoint
 */
export function resolveEndpoints(model: ModelPlan, environment: NodeJS.ProcessEnv): ModelEndpoint[] {
  if (model.type === 'simulated') return [];
  const prefix = variablePrefix(model.name);
  if (model.type === 'local') return [localEndpoint(model, environment)];
  const cloud = cloudEndpoint(model, environment);
  if (cloud !== null) return [cloud];
  const keys = findKeys(model, environment);
  const urls = findUrls(model, environment, keys.values.length > 0);
  if (urls.values.length === 0) {
    if (keys.isOwn) throw misconfigured(model, `${keys.variable} is set, but there is no url. Set ${prefix}_URL too.`);
    return [];
  }
  if (keys.values.length > 1 && keys.values.length !== urls.values.length) {
    throw misconfigured(
      model,
      `${keys.variable} holds ${keys.values.length} keys for ${urls.values.length} urls; give one, or one for each.`,
    );
  }
  return urls.values.map((text, index) => {
    const url = parseUrl(text, model);
    const usesOwnKey = keys.values.length > 0;
    return {
      url: baseUrl(url, model),
      displayUrl: url.origin + url.pathname.replace(/\/$/, ''),
      key: (keys.values.length > 1 ? keys.values[index] : keys.values[0]) ?? null,
      keyVariable: usesOwnKey ? keys.variable : missingKeyVariable(model, { isProviders: urls.isProviders }),
    };
  });
}

function findKeys(
  model: ModelPlan,
  environment: NodeJS.ProcessEnv,
): { values: string[]; variable: string; isOwn: boolean } {
  const prefix = variablePrefix(model.name);
  const own = (suffix: string): [string, string | undefined] => [
    `${prefix}_${suffix}`,
    readModelVariable(environment, model.name, suffix) ?? undefined,
  ];
  const provider = MODEL_PROVIDERS[model.type].variables?.key;
  const others = [model.tokenVariable, provider].filter((name) => name !== null && name !== undefined);
  const found = [own('TOKEN'), own('AUTH_TOKEN'), ...others.map((name): [string, string | undefined] => [name, environment[name]])];
  for (const [variable, text] of found) {
    const values = split(text);
    if (values.length > 0) return { values, variable, isOwn: variable !== provider };
  }
  return { values: [], variable: '', isOwn: false };
}

/** `isProviders`: the urls are what the provider's own variable or default says. */
function findUrls(
  model: ModelPlan,
  environment: NodeJS.ProcessEnv,
  hasKey: boolean,
): { values: string[]; isProviders: boolean } {
  const given = split(readModelVariable(environment, model.name, 'URL') ?? undefined);
  if (given.length > 0) return { values: given, isProviders: false };
  const planned = split(model.url ?? undefined);
  if (planned.length > 0) return { values: planned, isProviders: false };
  const provider = MODEL_PROVIDERS[model.type].variables;
  const named = split(provider?.url == null ? undefined : environment[provider.url]);
  // Ollama's own variable holds a host alone.
  const providers = named.map((text) => (model.type === 'ollama' && !text.includes('://') ? `http://${text}` : text));
  if (providers.length > 0) return { values: providers, isProviders: true };
  return { values: hasKey && provider?.defaultUrl != null ? [provider.defaultUrl] : [], isProviders: true };
}

/** The variable to set where no key was found: beside a url of the model's own, the model's own. */
function missingKeyVariable(model: ModelPlan, { isProviders }: { isProviders: boolean }): string {
  const provider = isProviders ? MODEL_PROVIDERS[model.type].variables?.key : undefined;
  return model.tokenVariable ?? provider ?? `${variablePrefix(model.name)}_TOKEN`;
}

function split(text: string | undefined): string[] {
  return (text ?? '')
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseUrl(text: string, model: ModelPlan): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.username !== '' || url.password !== '')) {
    throw misconfigured(
      model,
      `the url of ${url.host} holds a user or password; give a key in ${variablePrefix(model.name)}_TOKEN.`,
    );
  }
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  const shown = text.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '');
  throw misconfigured(model, `"${shown}" is not an http or https url.`);
}

/** What the provider's paths are appended to, from a host, a base url or a full path. */
function baseUrl(url: URL, model: ModelPlan): string {
  const { basePath = '/v1', knownPaths = /\/(chat\/completions|completions|embeddings)$/ } = MODEL_PROVIDERS[model.type];
  const site = url.origin;
  // A custom endpoint is one path, and may have a query of its own.
  if (model.type === 'http' || model.type === 'triton') return url.href.replace(/#.*$/, '');
  const path = url.pathname.replace(/\/+$/, '').replace(knownPaths, '');
  if (model.type !== 'azure_openai') return site + (path === '' ? basePath : path);
  if (path.includes('/deployments/') || path.endsWith('/openai/v1')) return site + path;
  return `${site}${path.replace(/\/openai$/, '')}/openai/deployments/${encodeURIComponent(model.modelId)}`;
}

/** Local models run inside the worker. */
function localEndpoint(model: ModelPlan, environment: NodeJS.ProcessEnv): ModelEndpoint {
  if (readModelVariable(environment, model.name, 'URL') !== null || model.url !== null) {
    throw misconfigured(model, 'models of type local run in the worker and take no url; name another model_type, or leave the url out.');
  }
  return { url: '', displayUrl: `${model.modelId}, which runs in this process`, key: null, keyVariable: '' };
}

/** A provider's endpoint that is named by region and project; null: a url is given, or nothing speaks of the provider. */
function cloudEndpoint(model: ModelPlan, environment: NodeJS.ProcessEnv): ModelEndpoint | null {
  const endpoint = MODEL_PROVIDERS[model.type].cloud?.(model, environment) ?? null;
  if (endpoint === null) return null;
  const own = readModelVariable(environment, model.name, 'URL') ?? model.url;
  const url = own === null ? endpoint.url : baseUrl(parseUrl(own, model), model);
  return { ...endpoint, url, displayUrl: url.replace(/\?.*$/, '') };
}

function misconfigured(model: ModelPlan, message: string): ModelCallError {
  return new ModelCallError({
    kind: 'configuration',
    reason: 'rejected',
    message: `Model "${model.name}": ${message}`,
  });
}
