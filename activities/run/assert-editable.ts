import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { Plan } from '../../pipeline/plan.ts';

/** Reviewers may change what the node lists under `edit`, and nothing else. @throws SyngraphError USAGE */
export function assertEditable(plan: Pick<Plan, 'nodes'>, nodeName: string, edit: JsonObject | null): void {
  if (edit === null) return;
  const node = plan.nodes.find((candidate) => candidate.name === nodeName);
  const allowed = node?.kind === 'human_review' ? node.edit : [];
  const wrong = Object.keys(edit).find((key) => !allowed.includes(key));
  if (wrong === undefined) return;
  throw new SyngraphError({
    code: 'USAGE',
    message: `${JSON.stringify(wrong)} cannot be edited at ${nodeName}; ${allowed.length === 0 ? 'nothing can' : `what can is ${allowed.join(', ')}`}`,
    nextStep: "Keys that reviewers may change are listed under the node's edit.",
  });
}
