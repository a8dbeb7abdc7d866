import type { ModelPlan, ModelType } from '../model-plan.ts';
import table from './model-prices.json' with { type: 'json' };

/** Dollars per million tokens. `cached` holds for prompt tokens that the provider had in its cache. */
export interface ModelPrice {
  input: number;
  output: number;
  cached: number;
}

/** Day at which the list prices of the table were those of the providers. */
export const PRICES_DATE = table.date;

type Vendor = keyof typeof table.vendors;

/** Types of models whose provider has list prices. What runs on somebody's own machines costs what only they know. */
const VENDORS: Partial<Record<ModelType, Vendor[]>> = {
  openai: ['openai'],
  azure_openai: ['openai'],
  anthropic: ['anthropic'],
  mistralai: ['mistral'],
  vertex_ai: ['google', 'anthropic'],
  bedrock: ['bedrock'],
};

const FREE: ModelPrice = { input: 0, output: 0, cached: 0 };

const known = new WeakMap<object, ModelPrice | null>();

/**
 * What a model costs: as models.yaml says, else as the price table says of its provider and `modelId`.
 * null is an unknown price, which is not the same as none. Models that run in the worker cost nothing.
 */
export function priceOf(model: Pick<ModelPlan, 'type' | 'modelId' | 'price'>): ModelPrice | null {
  const found = known.get(model);
  if (found !== undefined) return found;
  const price = lookUp(model);
  known.set(model, price);
  return price;
}

function lookUp({ type, modelId, price }: Pick<ModelPlan, 'type' | 'modelId' | 'price'>): ModelPrice | null {
  if (price !== null) return { ...price, cached: price.cached ?? price.input };
  if (type === 'local' || type === 'simulated') return FREE;
  for (const vendor of VENDORS[type] ?? []) {
    const prices: Record<string, (number | null)[]> = table.vendors[vendor];
    for (const name of namesOf(modelId, vendor)) {
      const [input, output, cached] = (Object.hasOwn(prices, name) ? prices[name] : undefined) ?? [];
      if (typeof input === 'number' && typeof output === 'number') return { input, output, cached: cached ?? input };
    }
  }
  return null;
}

/** Spellings of a model's name, the most exact first: providers add dates and versions to the names of their price lists. */
function namesOf(modelId: string, vendor: Vendor): string[] {
  const id = modelId.toLowerCase().replace(/^.*\//, '');
  if (vendor === 'bedrock') return bedrockNames(id);
  // Azure writes gpt-35 where OpenAI writes gpt-3.5.
  const plain = id.replace(/^gpt-35/, 'gpt-3.5');
  const undated = plain.replace(/(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|\d{4}|latest|\d{3}))$/, '');
  return [plain, undated, `${undated}-latest`, `${undated}-0`];
}

/** A model is asked in one region, through a profile that spans several (`us.`, `eu.` …), or `global.`. */
function bedrockNames(id: string): string[] {
  const bare = id.replace(/-v\d+(?::\d+)?$|-?\d*:\d+$/, '');
  const local = bare.replace(/^(?:us|us-gov|eu|apac|jp|au|ca)\./, '');
  return bare.startsWith('global.') ? [bare, bare.slice('global.'.length)] : [`regional.${local}`, local];
}
