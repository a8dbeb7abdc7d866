import { availableParallelism } from 'node:os';
import { LocalModelThread, type GenerateOptions } from './local-model-thread.ts';
import type { ClassifyRequest, GeneratedAnswer, GenerateRequest, ScoreRequest, TextClass, TextScore, TextToScore, TextVectors } from './run/model-protocol.ts';
import { Turns } from './turns.ts';

/** Each thread that scores has the weights for itself: a hundred megabytes and more. */
const MOST_THREADS = 4;

/** Texts that a thread scores at a time, whatever the number of cores: which texts share a batch may show in the last digits of their scores. */
const PIECE = 8;

/**
 * A model that runs in threads of this process. One of them writes, classifies and embeds. Scoring is spread over as many
 * as there are cores, since the runtime computes one batch of a thread after the other, and threads within a batch wait
 * for each other at every operator.
 */
export class LocalModel {
  readonly #folder: string;
  readonly #first: LocalModelThread;
  readonly #idle: LocalModelThread[];
  readonly #threads: Set<LocalModelThread>;
  readonly #turns = new Turns(Math.min(MOST_THREADS, availableParallelism()));

  constructor(folder: string) {
    this.#folder = folder;
    this.#first = new LocalModelThread(folder);
    this.#idle = [this.#first];
    this.#threads = new Set(this.#idle);
  }

  /** Whether it can be asked; false once its thread has ended. */
  get isAlive(): boolean {
    return this.#first.isAlive;
  }

  /** Rejects with the signal's reason when it aborts. @throws LocalModelError | LocalRequestError */
  generate(request: GenerateRequest, options: GenerateOptions): Promise<GeneratedAnswer> {
    return this.#first.generate(request, options);
  }

  /** In the order of the texts. Rejects with the signal's reason when it aborts. @throws LocalModelError */
  async score(request: ScoreRequest, signal: AbortSignal): Promise<TextScore[]> {
    const scores: TextScore[] = [];
    await Promise.all(
      piecesOf(request.texts).map((piece) =>
        this.#turns.take(async () => {
          const thread = this.#takeIdle();
          try {
            const found = await thread.score({ ...request, texts: piece.map(({ text }) => text) }, signal);
            for (const [place, { index }] of piece.entries()) scores[index] = found[place] as TextScore;
          } finally {
            this.#putBack(thread);
          }
        }),
      ),
    );
    return scores;
  }

  /** In the order of the conversations. Rejects with the signal's reason when it aborts. @throws LocalModelError */
  classify(request: ClassifyRequest, signal: AbortSignal): Promise<TextClass[]> {
    return this.#first.classify(request, signal);
  }

  /** In the order of the texts. Rejects with the signal's reason when it aborts. @throws LocalModelError */
  embed(texts: string[], signal: AbortSignal): Promise<TextVectors> {
    return this.#first.embed(texts, signal);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }

  /** There is one, or room for another: whoever takes it has the turn for it. */
  #takeIdle(): LocalModelThread {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const started = new LocalModelThread(this.#folder);
    this.#threads.add(started);
    return started;
  }

  #putBack(thread: LocalModelThread): void {
    // The first one's end is the model's end; another one is replaced.
    if (thread.isAlive || thread === this.#first) this.#idle.push(thread);
    else this.#threads.delete(thread);
  }
}

interface PlacedText {
  index: number;
  text: TextToScore;
}

/** Texts of like length come together, so that little of a batch is filling; the longest first, so that no thread is left with them. */
function piecesOf(texts: TextToScore[]): PlacedText[][] {
  const lengthOf = ({ text }: PlacedText): number => text.text.length + (text.after?.length ?? 0);
  const placed = texts.map((text, index) => ({ index, text })).sort((one, other) => lengthOf(other) - lengthOf(one));
  return Array.from({ length: Math.ceil(placed.length / PIECE) }, (_, piece) => placed.slice(piece * PIECE, (piece + 1) * PIECE));
}
