import { renderTemplate } from '../../models/completions/render-template.ts';
import type { TokenizerFacts } from '../../models/completions/tokenizer-facts.ts';
import { LocalModelError } from '../local-model-error.ts';
import { LocalTokenizer } from '../local-tokenizer.ts';
import { BatchDecoder } from './batch-decoder.ts';
import { Decoder } from './decoder.ts';
import { graphPath, readModelConfig } from './model-config.ts';
import type { GeneratedAnswer, GenerateRequest } from './model-protocol.ts';
import { readFolderTemplate } from './read-folder-template.ts';
import { LocalRequestError } from './request-error.ts';

/** A model that goes on with chats. */
export class ChatWriter {
  readonly #tokenizer: LocalTokenizer;
  readonly #decoder: Decoder;
  readonly #batch: BatchDecoder;
  readonly #template: TokenizerFacts;
  readonly #context: number;

  private constructor(options: { tokenizer: LocalTokenizer; decoder: Decoder; batch: BatchDecoder; template: TokenizerFacts; context: number }) {
    this.#tokenizer = options.tokenizer;
    this.#decoder = options.decoder;
    this.#batch = options.batch;
    this.#template = options.template;
    this.#context = options.context;
  }

  /** @throws LocalModelError */
  static async open(folder: string): Promise<ChatWriter> {
    const path = graphPath(folder, 'decoding');
    const { context, ends, shape } = readModelConfig(folder);
    const tokenizer = new LocalTokenizer(folder);
    const template = readFolderTemplate(folder, tokenizer.config);
    if (template === null) throw new LocalModelError('its tokenizer has no chat template; take a model that is tuned to instructions');
    const decoder = await Decoder.open(path, shape);
    return new ChatWriter({ tokenizer, decoder, batch: new BatchDecoder({ decoder, tokenizer, shape, ends }), template, context });
  }

  /** @throws LocalRequestError */
  async write(request: GenerateRequest, { signal, onStart }: { signal: AbortSignal; onStart: () => void }): Promise<GeneratedAnswer> {
    const { sampling, stops, seed } = request;
    const prompt = this.#tokenizer.encode(this.#render(request.messages));
    const room = this.#context - prompt.length;
    if (room < 1) throw new LocalRequestError(`the prompt has ${prompt.length} tokens, and the model takes ${this.#context} with the answer`);
    const maximumTokens = Math.min(request.maximumTokens, room);
    const answer = await this.#batch.decode({ prompt, sampling, stops, seed, maximumTokens, onStart }, signal);
    return { ...answer, promptTokens: prompt.length };
  }

  close(): Promise<void> {
    return this.#decoder.close();
  }

  #render(messages: GenerateRequest['messages']): string {
    const { template, specialTokens } = this.#template;
    try {
      return renderTemplate(template, { ...specialTokens, messages, tools: null, add_generation_prompt: true });
    } catch (error) {
      throw new LocalRequestError(`the chat template cannot be rendered: ${(error as Error).message}`);
    }
  }
}
