import { SyngraphError } from '../../pipeline/errors.ts';
import type { Plan } from '../../pipeline/plan.ts';

/** Simulated answers must not stand in for real ones, nor real ones for simulated. @throws SyngraphError MODELS_INVALID */
export function assertFallbacks({ nodes, models }: Plan, simulatedModels: readonly string[]): void {
  for (const node of nodes) {
    const asked = node.kind === 'llm' || node.kind === 'agent' ? [node] : node.kind === 'multi_llm' ? node.models : [];
    for (const { model, fallbacks } of asked) {
      for (const { model: other } of fallbacks?.models ?? []) {
        const [name, otherName] = [models[model]?.name ?? model, models[other]?.name ?? other];
        const isSimulated = simulatedModels.includes(name);
        if (simulatedModels.includes(otherName) === isSimulated) continue;
        const [lacking, having] = isSimulated ? [name, otherName] : [otherName, name];
        throw new SyngraphError({
          code: 'MODELS_INVALID',
          message: `${lacking} has no endpoint, and ${having} has one: at ${node.name} one of them stands in for the other, and simulated answers do not mix with real ones`,
          nextStep: `Give ${lacking} its url and key, or leave out the fallback.`,
        });
      }
    }
  }
}
