import { Limiter, type LimiterOptions } from '../../../activities/models/limiter.ts';

export interface Simulation {
  records: number;
  concurrency: number;
  /** Milliseconds of an answer. */
  latency: number;
  /** Milliseconds of a 429. */
  rejectionLatency: number;
  /** Whether the endpoint rejects a call; `accepted` are those it is working on. */
  rejects: (state: { accepted: number; now: number }) => boolean;
  retryAfter?: number;
  limiter?: LimiterOptions;
}

export interface SimulationResult {
  milliseconds: number;
  wasted: number;
  mostInFlight: number;
}

/** Plays a run against an endpoint in virtual time: at most `concurrency` calls at once, every record asked until it is answered. */
export function simulateEndpoint(simulation: Simulation): SimulationResult {
  const limiter = new Limiter({ ...simulation.limiter, maximumWindow: simulation.concurrency });
  const events: { at: number; act: () => void }[] = [];
  const at = (time: number, act: () => void): void => {
    let index = events.length;
    while (index > 0 && (events[index - 1]?.at ?? 0) < time) index--;
    events.splice(index, 0, { at: time, act });
  };
  let now = 0;
  let waiting = simulation.records;
  let accepted = 0;
  let done = 0;
  let wasted = 0;
  let mostInFlight = 0;
  const pump = (): void => {
    while (waiting > 0 && limiter.room(now) > 0) {
      waiting--;
      const ticket = limiter.start(now);
      mostInFlight = Math.max(mostInFlight, limiter.inFlight);
      if (simulation.rejects({ accepted, now })) {
        at(now + simulation.rejectionLatency, () => {
          wasted++;
          limiter.end(ticket, { outcome: 'overloaded', now, retryAfterMilliseconds: simulation.retryAfter });
          at(now + (simulation.retryAfter ?? 200), () => waiting++);
        });
      } else {
        accepted++;
        // Answers never come in step: a spread of a fifth, by a fixed pattern.
        at(now + simulation.latency * (0.9 + (0.2 * ((done * 7919) % 97)) / 97), () => {
          accepted--;
          done++;
          limiter.end(ticket, { outcome: 'answered', now });
        });
      }
    }
    const next = waiting > 0 ? limiter.nextRoomAt(now) : null;
    if (next !== null && next > now && !wakeUps.has(next)) {
      wakeUps.add(next);
      at(next, () => wakeUps.delete(next));
    }
  };
  const wakeUps = new Set<number>();
  pump();
  for (let event = events.pop(); event !== undefined && done < simulation.records; event = events.pop()) {
    now = event.at;
    event.act();
    pump();
  }
  if (done < simulation.records)
    throw new Error(`The simulation stalled after ${done} of ${simulation.records} records.`);
  return { milliseconds: now, wasted, mostInFlight };
}
