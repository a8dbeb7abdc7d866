import type { ModelPlan, ModelType } from '../../pipeline/plan.ts';
import { bedrockEndpoint, vertexEndpoint } from './cloud-endpoints.ts';
import type { ModelClient } from './model-client.ts';
import type { CloudEndpoint, ModelClientOptions } from './model-endpoint.ts';

/** Where a provider is reached without further words, and who speaks to it. */
export interface ModelProvider {
  /** Variables that speak of the provider as such; used only for models of its type, so that no key reaches a stranger. */
  variables?: { key: string; url: string | null; defaultUrl: string | null };
  /** Path of a url that has none. Default `/v1`. */
  basePath?: string;
  /** Ends of urls that stand for the whole API, and are cut off. Default: the path of chat completions. */
  knownPaths?: RegExp;
  /** Endpoints that are named by region and project, where no url is given. */
  cloud?: (model: ModelPlan, environment: NodeJS.ProcessEnv) => CloudEndpoint | null;
  /** Loaded when first needed: packages take a while, and a simulated run does without. */
  load: () => Promise<{ createClient: (options: ModelClientOptions) => ModelClient }>;
}

/** Who speaks to which type of model. A provider is its name in MODEL_TYPES, one file and one line here. */
export const MODEL_PROVIDERS: Record<ModelType, ModelProvider> = {
  openai: { variables: { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL', defaultUrl: 'https://api.openai.com/v1' }, load: () => import('./providers/openai.ts') },
  azure_openai: { variables: { key: 'AZURE_OPENAI_API_KEY', url: 'AZURE_OPENAI_ENDPOINT', defaultUrl: null }, load: () => import('./providers/azure-openai.ts') },
  vllm: { load: () => import('./providers/vllm.ts') },
  tgi: { load: () => import('./providers/tgi.ts') },
  ollama: { variables: { key: 'OLLAMA_API_KEY', url: 'OLLAMA_HOST', defaultUrl: null }, basePath: '', knownPaths: /(\/v1)?(\/chat\/completions)?$|\/api(\/chat|\/generate)?$/, load: () => import('./providers/ollama.ts') },
  mistralai: { variables: { key: 'MISTRAL_API_KEY', url: null, defaultUrl: 'https://api.mistral.ai/v1' }, load: () => import('./providers/mistralai.ts') },
  anthropic: { variables: { key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL', defaultUrl: 'https://api.anthropic.com' }, basePath: '', knownPaths: /(\/v1)?(\/messages)?$/, load: () => import('./providers/anthropic.ts') },
  bedrock: { cloud: bedrockEndpoint, basePath: '', load: () => import('./providers/bedrock.ts') },
  vertex_ai: { cloud: vertexEndpoint, basePath: '', load: () => import('./providers/vertex-ai.ts') },
  huggingface: { variables: { key: 'HF_TOKEN', url: null, defaultUrl: 'https://router.huggingface.co/v1' }, load: () => import('./providers/huggingface.ts') },
  triton: { basePath: '', knownPaths: /$/, load: () => import('./providers/triton.ts') },
  http: { basePath: '', knownPaths: /$/, load: () => import('./providers/http.ts') },
  local: { load: () => import('./providers/local.ts') },
  simulated: { load: () => import('./simulated-client.ts') },
};
