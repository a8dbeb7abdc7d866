import { SyngraphError } from '../../pipeline/errors.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { WrongWorker } from '../nodes/wrong-worker.ts';
import { createBreath } from './breath.ts';
import { type Digest, DigestTable, textDigest } from './digest-table.ts';
import { embedPatiently } from './embed-patiently.ts';
import { type EmbeddingJournal, openEmbeddingJournal } from './embedding-journal.ts';
import { fieldText } from './field-value.ts';
import { GrowingArray } from './growing-array.ts';
import type { SetDecision } from './set-decision.ts';
import type { SetWork } from './set-work.ts';
import { VectorTable } from './vector-table.ts';

/** Servers of embeddings commonly take 32 texts a call at least. */
const TEXTS_PER_CALL = 32;
const CHARACTERS_PER_CALL = 200_000;
const CALLS_AT_ONCE = 16;

/** The record has no text, or none that the model takes. */
export const NO_TEXT = -1;

export interface EmbeddedRecords {
  /** Of each record the number of its text, or NO_TEXT. Equal texts have one number. */
  texts: Int32Array;
  vectors: VectorTable;
  /** How many texts there are. */
  count: number;
  /** By position, records whose text the model refused. */
  failed: Map<number, SetDecision>;
}

/** Asks for the vector of every distinct text once, whatever attempts came before. */
export async function embedRecords(work: SetWork & { operation: { field: string } }, modelKey: string): Promise<EmbeddedRecords> {
  const model = work.run.plan.models[modelKey];
  if (model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no model ${modelKey}` });
  work.dependencies.gateway.refresh();
  assertSameKind(work, model);
  const journal = openEmbeddingJournal(work.dependencies, work.journal);
  try {
    return await new RecordEmbedder(work, { model, journal }).run(work.operation.field);
  } finally {
    await journal.close();
  }
}

interface Waiting {
  number: number;
  digest: Digest;
  text: string;
}

class RecordEmbedder {
  readonly #work: SetWork;
  readonly #model: ModelPlan;
  readonly #journal: EmbeddingJournal;
  readonly #table = new DigestTable();
  readonly #vectors = new VectorTable();
  readonly #refused = new Map<number, string>();
  readonly #inFlight = new Set<Promise<void>>();
  #waiting: Waiting[] = [];
  #characters = 0;

  constructor(work: SetWork, { model, journal }: { model: ModelPlan; journal: EmbeddingJournal }) {
    this.#work = work;
    this.#model = model;
    this.#journal = journal;
  }

  async run(field: string): Promise<EmbeddedRecords> {
    for await (const { digest, vector } of this.#journal.read()) this.#vectors.set(this.#table.add(digest), vector);
    const asked = new Set<number>();
    const texts = new GrowingArray(Int32Array);
    const breathe = createBreath(this.#work.signal);
    try {
      for await (const { state } of this.#work.records()) {
        await breathe();
        const text = fieldText(state, field);
        if (text === null) {
          texts.push(NO_TEXT);
          continue;
        }
        const digest = textDigest(`${this.#model.modelId}\0${text}`);
        const number = this.#table.add(digest);
        texts.push(number);
        if (this.#vectors.has(number) || asked.has(number)) continue;
        asked.add(number);
        await this.#put({ number, digest, text });
      }
      this.#send();
    } finally {
      // Calls in flight are paid for: their answers go into the journal even where another one has failed.
      await Promise.allSettled(this.#inFlight);
    }
    await Promise.all(this.#inFlight);
    return this.#result(texts.values());
  }

  async #put(waiting: Waiting): Promise<void> {
    if (this.#characters + waiting.text.length > CHARACTERS_PER_CALL) this.#send();
    this.#waiting.push(waiting);
    this.#characters += waiting.text.length;
    if (this.#waiting.length >= TEXTS_PER_CALL) this.#send();
    while (this.#inFlight.size >= CALLS_AT_ONCE) await Promise.race(this.#inFlight);
  }

  #send(): void {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    this.#characters = 0;
    const call = this.#embed(batch);
    this.#inFlight.add(call);
    // A call that has failed stays, so that whoever waits next hears of it.
    call.then(() => this.#inFlight.delete(call), () => undefined);
  }

  async #embed(batch: Waiting[]): Promise<void> {
    const answers = await embedPatiently(this.#work, this.#model, batch.map(({ text }) => text));
    const entries: { digest: Digest; vector: Float32Array }[] = [];
    for (const [index, { number, digest }] of batch.entries()) {
      const answer = answers[index];
      if (answer instanceof Float32Array) {
        this.#vectors.set(number, answer);
        entries.push({ digest, vector: answer });
      } else this.#refused.set(number, answer?.refused ?? 'the model gave no vector');
    }
    if (entries.length > 0) await this.#journal.add(entries);
  }

  #result(texts: Int32Array): EmbeddedRecords {
    const failed = new Map<number, SetDecision>();
    for (const [record, text] of texts.entries()) {
      const message = this.#refused.get(text);
      if (message === undefined) continue;
      failed.set(record, { kind: 'failed', code: 'MODEL_REJECTED', message });
      texts[record] = NO_TEXT;
    }
    return { texts, vectors: this.#vectors, count: this.#table.size, failed };
  }
}

/** As for answers: vectors of an endpoint and of the simulation must not mix in one set. */
function assertSameKind({ run, dependencies }: SetWork, model: ModelPlan): void {
  const wasSimulated = run.description.simulatedModels.includes(model.name);
  if (dependencies.gateway.isSimulated(model) === wasSimulated) return;
  const message = wasSimulated
    ? `this run's vectors of ${model.name} are simulated, and this worker has a real endpoint for it`
    : `this worker has no endpoint for ${model.name}: the run asks a real one`;
  throw new WrongWorker(message, wasSimulated ? 'Start a new run for real vectors.' : `Give the worker the model's url and key, or stop it.`);
}
