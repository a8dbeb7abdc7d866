import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { CompletionsPlan, ModelPlan } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ChatMessage } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { readModelVariable, variablePrefix } from '../model-variables.ts';
import type { TokenizerFacts } from './tokenizer-facts.ts';

export interface ChatTemplate {
  /** The messages as one text that ends where the answer begins. @throws ModelCallError */
  render(messages: ChatMessage[], signal: AbortSignal): Promise<string>;
}

/** The chat template of a model that is asked by the completions API: the environment's, or that of its tokenizer, read once. */
export function createTemplate({ model, environment }: ModelClientOptions): ChatTemplate {
  const { completions } = model;
  if (completions === null) throw new Error('The model uses chat completions.');
  let loading: Promise<TokenizerFacts> | null = null;
  const load = async (): Promise<TokenizerFacts> => {
    // A failure is not kept: the Hub may be back, or a variable set.
    loading ??= loadTemplate({ model, completions, environment }).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    async render(messages, signal) {
      const { template, specialTokens } = await load();
      signal.throwIfAborted();
      const { renderTemplate } = await import('./render-template.ts');
      const values: JsonObject = {
        ...specialTokens,
        messages: messages.map(plainMessage),
        add_generation_prompt: true,
        ...completions.templateParameters,
      };
      try {
        return renderTemplate(template, values);
      } catch (error) {
        const message = `Model "${model.name}": its chat template cannot be rendered: ${(error as Error).message}`;
        throw new ModelCallError({ kind: 'permanent', reason: 'rejected', message });
      }
    },
  };
}

interface Loading {
  model: ModelPlan;
  completions: CompletionsPlan;
  environment: NodeJS.ProcessEnv;
}

async function loadTemplate({ model, completions, environment }: Loading): Promise<TokenizerFacts> {
  const variable = `${variablePrefix(model.name)}_CHAT_TEMPLATE`;
  const own = readModelVariable(environment, model.name, 'CHAT_TEMPLATE');
  if (completions.ownTemplate && own !== null) return { template: own, specialTokens: {} };
  if (completions.ownTemplate || completions.templateModel === null) {
    throw new ModelCallError({
      kind: 'configuration',
      reason: 'rejected',
      message: `Model "${model.name}": completions_api needs a chat template: set ${variable}, or name a model that has one in hf_chat_template_model_id.`,
    });
  }
  const { readTokenizer } = await import('./read-tokenizer.ts');
  return readTokenizer({ name: completions.templateModel, model: model.name, environment });
}

/** Templates join texts: parts are made one. */
function plainMessage({ role, content, ...rest }: ChatMessage): JsonObject {
  const text = typeof content === 'string' ? content : content.map(partText).join('\n');
  return { role, content: text, ...(rest as JsonObject) };
}

function partText(part: JsonValue): string {
  if (typeof part === 'string') return part;
  const text = (part as JsonObject | null)?.text;
  return typeof text === 'string' ? text : '';
}
