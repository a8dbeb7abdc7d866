import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace';
import { createHash } from 'node:crypto';

export interface ChosenIds {
  generator: IdGenerator;
  /** Runs `start`, in which a span without a parent gets the trace of a name. */
  within<Result>(name: string, start: () => Result): Result;
}

/**
 * Trace ids that follow from names: workers of several machines put their spans of one batch into one
 * trace without telling each other, and a sampler that goes by the id keeps or drops it as a whole.
 */
export function chosenIds(): ChosenIds {
  const random = new RandomIdGenerator();
  let chosen: string | null = null;
  return {
    generator: { generateSpanId: () => random.generateSpanId(), generateTraceId: () => chosen ?? random.generateTraceId() },
    within(name, start) {
      chosen = createHash('sha256').update(name).digest('hex').slice(0, 32);
      try {
        return start();
      } finally {
        chosen = null;
      }
    },
  };
}
