import type { ModelPlan, ModelType } from '../../pipeline/plan.ts';
import { ModelCallError } from './model-call-error.ts';
import type { ModelEndpoint } from './model-endpoint.ts';

const OPENAI_URL = 'https://api.openai.com/v1';

/** Variables that speak of a provider as such; used only for models of that type, so that no key reaches a stranger. */
const PROVIDER_VARIABLES: Partial<Record<ModelType, { key: string; url: string | null; defaultUrl: string | null }>> = {
  openai: { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL', defaultUrl: OPENAI_URL },
  azure_openai: { key: 'AZURE_OPENAI_API_KEY', url: 'AZURE_OPENAI_ENDPOINT', defaultUrl: null },
};

/** `SYGRA_<MODEL>` as SyGra spells it: upper case, everything but letters and digits as `_`. */
export function variablePrefix(modelName: string): string {
  return `SYGRA_${modelName.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

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
  const own = [
    `${prefix}_TOKEN`,
    `${prefix}_AUTH_TOKEN`,
    ...(model.tokenVariable === null ? [] : [model.tokenVariable]),
  ];
  const provider = PROVIDER_VARIABLES[model.type]?.key;
  for (const variable of [...own, ...(provider === undefined ? [] : [provider])]) {
    const values = split(environment[variable]);
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
  const given = split(environment[`${variablePrefix(model.name)}_URL`]);
  if (given.length > 0) return { values: given, isProviders: false };
  const planned = split(model.url ?? undefined);
  if (planned.length > 0) return { values: planned, isProviders: false };
  const provider = PROVIDER_VARIABLES[model.type];
  const providers = split(provider?.url == null ? undefined : environment[provider.url]);
  if (providers.length > 0) return { values: providers, isProviders: true };
  return { values: hasKey && provider?.defaultUrl != null ? [provider.defaultUrl] : [], isProviders: true };
}

/** The variable to set where no key was found: beside a url of the model's own, the model's own. */
function missingKeyVariable(model: ModelPlan, { isProviders }: { isProviders: boolean }): string {
  const provider = isProviders ? PROVIDER_VARIABLES[model.type]?.key : undefined;
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

/** What `/chat/completions` is appended to, from a host, a base url or the full path. */
function baseUrl(url: URL, model: ModelPlan): string {
  const path = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  const site = url.origin;
  if (model.type !== 'azure_openai') return site + (path === '' ? '/v1' : path);
  if (path.includes('/deployments/') || path.endsWith('/openai/v1')) return site + path;
  return `${site}${path.replace(/\/openai$/, '')}/openai/deployments/${encodeURIComponent(model.modelId)}`;
}

function misconfigured(model: ModelPlan, message: string): ModelCallError {
  return new ModelCallError({
    kind: 'configuration',
    reason: 'rejected',
    message: `Model "${model.name}": ${message}`,
  });
}
