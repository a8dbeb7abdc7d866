import type { ReviewNodePlan, RoutePlan } from '../../plan.ts';
import type { HumanReviewNodeConfig } from '../../schema/nodes/human-review-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

interface HumanReviewParts {
  config: HumanReviewNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
}

export function compileHumanReviewNode(context: CompileContext, { config, name, path, route }: HumanReviewParts): ReviewNodePlan {
  const edit = [...new Set(config.edit ?? [])];
  const decisionKey = config.decision_key ?? 'review';
  if (edit.includes(decisionKey)) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'edit'],
      message: `"${decisionKey}" takes the decision and cannot be edited`,
      hint: 'Choose another decision_key.',
    });
  }
  // What may be edited must be seen.
  const show = config.show ? [...new Set([...config.show, ...edit])] : null;
  return {
    kind: 'human_review',
    name,
    route,
    writes: [...edit, decisionKey],
    show,
    edit,
    instructions: config.instructions ?? null,
    onReject: config.on_reject ?? 'fail',
    decisionKey,
  };
}
