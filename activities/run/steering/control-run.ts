import { changeControl } from '../../../pipeline/change-control.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { priceOf } from '../../../pipeline/prices/price-of.ts';
import type { Plan } from '../../../pipeline/plan.ts';
import type { ControlChange, ControlRunInput, PipelineInput, RunControl } from '../../../pipeline/run-contract.ts';
import type { ActivityDependencies } from '../../dependencies.ts';
import type { ModelGateway } from '../../models/model-gateway.ts';
import type { RunContext } from '../run-context.ts';
import { runFolder, type RunDescription } from '../run-files.ts';
import { readControl, writeControl } from './control-file.ts';

/** Changes the control of a run and writes it where workers look. @throws SyngraphError USAGE */
export async function controlRun({ store, gateway }: ActivityDependencies, { plan, folder }: RunContext, { control, change }: ControlRunInput): Promise<RunControl> {
  const next = change === undefined ? control : changeControl(control, change, { now: Date.now(), models: Object.keys(plan.models) });
  if (change?.budget !== undefined) assertPriced(plan, gateway, next);
  await writeControl(store, folder, next);
  return next;
}

/**
 * The control that an execution of a run begins with: what the start asks for, over what an earlier
 * execution had; whatever had paused it is over.
 * @throws SyngraphError USAGE
 */
export async function beginControl({ store, gateway }: ActivityDependencies, { description, plan, input }: { description: RunDescription; plan: Plan; input: PipelineInput }): Promise<RunControl | null> {
  const folder = runFolder(description.reference);
  const { paused, ...before } = await readControl(store, folder);
  const { budget, maxTokensTotal, deadline, priority } = input;
  const isResumed = input.resume === true;
  const concurrency = isResumed ? input.concurrency : undefined;
  const change: ControlChange = Object.fromEntries(Object.entries({ budget, maxTokensTotal, deadline, concurrency, priority }).filter(([, value]) => value !== undefined));
  const isAsked = Object.keys(change).length > 0;
  // A start that Temporal tries again must not move a deadline that is a duration.
  const isKnown = !isResumed && before.caps !== undefined;
  const next = isAsked && !isKnown ? changeControl(before, change, { now: Date.now(), models: [] }) : before;
  if (next.caps?.budget !== undefined) assertPriced(plan, gateway, next);
  // Also where nothing is left of it: a cap that was taken away must not stay in the file.
  if (next !== before || paused !== undefined) await writeControl(store, folder, next);
  return Object.keys(next).length > 0 ? next : null;
}

/** A budget that cannot be watched must not be promised. */
function assertPriced(plan: Plan, gateway: ModelGateway, { caps }: RunControl): void {
  const unknown = Object.values(plan.models).filter((model) => !gateway.isSimulated(model) && priceOf(model) === null).map(({ name }) => name);
  if (caps?.budget === undefined || unknown.length === 0) return;
  throw new SyngraphError({
    code: 'USAGE',
    message: `a budget in dollars needs the price of every model; unknown is that of ${unknown.join(', ')}`,
    nextStep: 'Give it a price in models.yaml (dollars per million tokens: price: { input: 0.5, output: 1.5 }), or cap tokens by --max-tokens-total.',
  });
}
