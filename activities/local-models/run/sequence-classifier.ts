import { join } from 'node:path';
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { isJsonObject, type JsonObject } from '../../../pipeline/json.ts';
import { renderTemplate } from '../../models/completions/render-template.ts';
import type { TokenizerFacts } from '../../models/completions/tokenizer-facts.ts';
import { LocalModelError } from '../local-model-error.ts';
import { LocalTokenizer, readJsonFile } from '../local-tokenizer.ts';
import { MODEL_FILES } from '../model-files.ts';
import { graphPath, readModelConfig } from './model-config.ts';
import type { ClassifyRequest, TextClass } from './model-protocol.ts';
import { onnxRuntime, openSession } from './onnx-runtime.ts';
import { readFolderTemplate } from './read-folder-template.ts';

/** Tokens of a batch, its filling included. */
const BATCH_TOKENS = 1024;
/** No token stands for more characters on average. */
const CHARACTERS_PER_TOKEN = 32;
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];

interface Row {
  index: number;
  ids: number[];
  types: number[];
}

interface ClassifierParts {
  tokenizer: LocalTokenizer;
  session: InferenceSession;
  template: TokenizerFacts | null;
  context: number;
  /** What stands where a row is shorter than its batch. */
  padding: number;
  /** Names of the classes by their number. */
  labels: string[];
}

/**
 * A sequence classifier such as a reward model: the graph takes `input_ids` and gives `logits` `[batch, classes]`, as
 * models exported from transformers do. A conversation becomes a text by the tokenizer's chat template; without one,
 * its last message stands as the second of a pair of texts, after all before it.
 */
export class SequenceClassifier {
  readonly #parts: ClassifierParts;

  private constructor(parts: ClassifierParts) {
    this.#parts = parts;
  }

  /** @throws LocalModelError */
  static async open(folder: string): Promise<SequenceClassifier> {
    const path = graphPath(folder, 'scoring');
    const { context } = readModelConfig(folder);
    const config = readJsonFile(join(folder, MODEL_FILES.config));
    const tokenizer = new LocalTokenizer(folder);
    const session = await openSession(path);
    const unknown = session.inputNames.filter((name) => !INPUTS.includes(name));
    if (unknown.length > 0) throw new LocalModelError(`${path} wants ${unknown.join(', ')}, which is not known here`);
    if (!session.outputNames.includes('logits')) throw new LocalModelError(`${path} gives no logits`);
    const padding = typeof config.pad_token_id === 'number' ? config.pad_token_id : 0;
    return new SequenceClassifier({ tokenizer, session, template: readFolderTemplate(folder, tokenizer.config), context, padding, labels: labelsIn(config) });
  }

  /** In the order of the conversations. */
  async classify({ conversations, maximumTokens }: ClassifyRequest, signal: AbortSignal): Promise<TextClass[]> {
    const most = Math.min(maximumTokens, this.#parts.context);
    const classes = new Array<TextClass>(conversations.length);
    const rows: Row[] = [];
    for (const [index, messages] of conversations.entries()) {
      const row = this.#rowOf(messages, { index, maximumTokens: most });
      if ('problem' in row) classes[index] = row;
      else rows.push(row);
    }
    rows.sort((one, other) => one.ids.length - other.ids.length);
    while (rows.length > 0) {
      signal.throwIfAborted();
      const longest = rows.at(-1)?.ids.length ?? 1;
      const batch = rows.splice(-Math.max(1, Math.floor(BATCH_TOKENS / Math.max(1, longest))));
      for (const [place, logits] of (await this.#run(batch)).entries()) {
        const { index, ids } = batch[place] as Row;
        classes[index] = { logits, labels: this.#parts.labels, tokens: ids.length };
      }
    }
    return classes;
  }

  async close(): Promise<void> {
    await this.#parts.session.release();
  }

  /** Of what is too long the beginning is left out, as the answer stands at the end. */
  #rowOf(messages: ClassifyRequest['conversations'][number], { index, maximumTokens }: { index: number; maximumTokens: number }): Row | { problem: string } {
    const { tokenizer, template } = this.#parts;
    const clip = (text: string): string => text.slice(-maximumTokens * CHARACTERS_PER_TOKEN);
    if (template !== null) {
      const rendered = render(template, messages);
      if (typeof rendered !== 'string') return rendered;
      const ids = tokenizer.encode(clip(rendered)).slice(-maximumTokens);
      return { index, ids, types: ids.map(() => 0) };
    }
    const before = messages.slice(0, -1).map(({ content }) => content);
    const answer = clip(messages.at(-1)?.content ?? '');
    const pair = tokenizer.encodePair(clip(before.join('\n')), answer);
    if (pair.ids.length <= maximumTokens) return { index, ...pair };
    // The tokens that begin and part the texts stay where they belong when the prompt itself is cut.
    const kept = tokenizer.encodePair(this.#lastTokens(before.join('\n'), pair.ids.length - maximumTokens), answer);
    return { index, ids: kept.ids.slice(0, maximumTokens), types: kept.types.slice(0, maximumTokens) };
  }

  /** The text without what its first `tokens` tokens stand for, roughly: a share of its characters. */
  #lastTokens(text: string, tokens: number): string {
    const all = this.#parts.tokenizer.encode(text).length;
    return all <= tokens ? '' : text.slice(Math.ceil((text.length * tokens) / all));
  }

  async #run(rows: Row[]): Promise<number[][]> {
    const { session, padding } = this.#parts;
    const { Tensor } = onnxRuntime();
    const length = Math.max(1, ...rows.map(({ ids }) => ids.length));
    const fill = (valueOf: (row: Row, index: number) => number): OnnxTensor =>
      new Tensor('int64', BigInt64Array.from(rows.flatMap((row) => Array.from({ length }, (_, index) => BigInt(valueOf(row, index))))), [rows.length, length]);
    const makers: Record<string, () => OnnxTensor> = {
      input_ids: () => fill(({ ids }, index) => ids[index] ?? padding),
      attention_mask: () => fill(({ ids }, index) => (index < ids.length ? 1 : 0)),
      token_type_ids: () => fill(({ types }, index) => types[index] ?? 0),
      position_ids: () => fill((_, index) => index),
    };
    const results = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, makers[name]?.() as OnnxTensor])), ['logits']);
    const { data, dims, type } = results.logits as OnnxTensor;
    if (type !== 'float32' || dims.length !== 2) throw new LocalModelError(`its graph gives logits of ${type} and [${dims.join(', ')}]; float32 of [texts, classes] is understood`);
    const classes = dims[1] ?? 0;
    return rows.map((_, row) => Array.from((data as Float32Array).subarray(row * classes, (row + 1) * classes)));
  }
}

/** By their numbers. */
function labelsIn({ id2label: given }: JsonObject): string[] {
  const named = isJsonObject(given) ? Object.entries(given).sort(([one], [other]) => Number(one) - Number(other)) : [];
  return named.map(([, label]) => (typeof label === 'string' ? label : JSON.stringify(label)));
}

/** Templates refuse conversations that their model was not made for, such as two users in a row. */
function render({ template, specialTokens }: TokenizerFacts, messages: ClassifyRequest['conversations'][number]): string | { problem: string } {
  try {
    return renderTemplate(template, { ...specialTokens, messages: messages.map(({ role, content }) => ({ role, content })), tools: null, add_generation_prompt: false });
  } catch (error) {
    return { problem: `the chat template cannot be rendered: ${(error as Error).message}` };
  }
}
