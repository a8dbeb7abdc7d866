import type { JsonObject } from '../json.ts';
import type { YamlPath } from '../yaml-source.ts';
import { checkModelSettings } from './check-model-settings.ts';
import type { CompileContext } from './compile-context.ts';
import { definedOnly } from './compile-model-plan.ts';

/** What a server is called that SyGra's `model_config` does not name. */
const UNNAMED = 'perplexity';

/** The server of SyGra's `model_config` as an entry of models.yaml; null where it has been reported. */
export function endpointOfModelConfig(context: CompileContext, config: JsonObject, path: YamlPath): { name: string; entry: JsonObject } | null {
  const { model_type: type, url, model_serving_name: served, auth_token: token, timeout_seconds: timeout, max_retries: retries } = config;
  if (url === undefined || url === null) {
    context.report({
      code: 'MISSING_KEY',
      path,
      message: '"url" is missing: nothing says where the model is served',
      hint: 'Give the url of a vLLM or TGI server; or leave model_config out, and a model that runs in the worker scores.',
    });
    return null;
  }
  const entry = definedOnly({ model_type: type, url, model_serving_name: served, auth_token: token, timeout, max_retries: retries }) as JsonObject;
  checkModelSettings(entry, (found) => context.report({ ...found, path: [...path, ...found.path] }));
  return { name: typeof served === 'string' ? served : UNNAMED, entry };
}
