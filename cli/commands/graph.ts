import type { CommandContext } from '../context.ts';
import { taskArgument } from '../options/task-argument.ts';
import { planOrReport } from '../session/plan-or-report.ts';

/** `syngraph graph`: the graph as Mermaid text. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[], options: { task?: string; models?: string }): Promise<number> {
  const planned = await planOrReport(context, { task: taskArgument(positional, options), ...options });
  if (planned === null) return 2;
  const { renderMermaid } = await import('../../pipeline/mermaid.ts');
  const mermaid = renderMermaid(planned.plan);
  context.terminal.result(context.isJson ? JSON.stringify({ pipeline: planned.plan.pipeline, mermaid }) : mermaid);
  return 0;
}
