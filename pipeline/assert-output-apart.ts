import { SyngraphError } from './errors.ts';
import type { SingleSourcePlan, SourcePlan } from './source-plans.ts';

/**
 * A run that replaced its own source would leave nothing to resume, retry or repair it from.
 * @param outputs absolute paths or addresses
 * @throws SyngraphError USAGE where one of them is a file of the source
 */
export function assertOutputApart(source: SourcePlan | null, outputs: readonly string[]): void {
  const sources: SingleSourcePlan[] = source === null ? [] : source.type === 'joined' ? source.parts.map((part) => part.source) : [source];
  const taken = outputs.find((output) => sources.some((single) => single.type === 'disk' && single.path === output));
  if (taken === undefined) return;
  throw new SyngraphError({ code: 'USAGE', message: `the output ${taken} is the source of the run, and would replace it`, nextStep: 'Name another file, by --output or as file_path of the sink.' });
}
