import { SyngraphError } from '../../pipeline/errors.ts';
import { describeControl, type ControlChange, type RunControl } from '../../pipeline/run-contract.ts';
import { updateRun } from '../control/update-run.ts';
import type { CommandContext } from '../context.ts';
import { givenLimits } from '../options/parse-number.ts';
import { workflowIdOf } from '../runs/run-name.ts';

/** `syngraph set RUN`: changes limits and caps of a run while it goes. */
export async function execute(context: CommandContext, [run = '']: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const { terminal, isJson } = context;
  const change = changeOf(options);
  if (Object.keys(change).every((key) => key === 'model')) {
    const flags = change.model === undefined ? '--concurrency, --priority, --budget, --max-tokens-total, --deadline, or --model NAME with a limit of that model' : '--concurrency, --requests-per-minute, --tokens-per-minute';
    throw new SyngraphError({ code: 'USAGE', message: 'nothing is to be changed', nextStep: `Give at least one of ${flags}.` });
  }
  const { name, result } = await updateRun<RunControl>(context, { run, update: 'set', argument: change });
  const control = result ?? {};
  if (isJson) terminal.result(JSON.stringify({ runId: name.run, pipeline: name.pipeline, control }));
  else {
    const changes = describeControl(control);
    terminal.tell(`${workflowIdOf(name)}${changes.length === 0 ? ' is as it was started.' : ':'}`);
    for (const change of changes) terminal.tell(`  ${change}`);
  }
  return 0;
}

const FLAGS = ['model', 'concurrency', 'priority', 'requestsPerMinute', 'tokensPerMinute', 'budget', 'maxTokensTotal', 'deadline'] as const;

function changeOf(options: Record<string, unknown>): ControlChange {
  return givenLimits(Object.fromEntries(FLAGS.map((flag) => [flag, options[flag]])));
}
