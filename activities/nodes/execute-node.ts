import { SyngraphError } from '../../pipeline/errors.ts';
import type { NodePlan } from '../../pipeline/plan.ts';
import { START_NODE } from '../../pipeline/run-contract.ts';
import { applyDecisions } from '../sets/set-decisions.ts';
import type { NodeOutcome, NodeWork } from './node-work.ts';
import { runAgent } from './run-agent.ts';
import { runFanOut } from './run-fan-out.ts';
import { runFilter } from './run-filter.ts';
import { runLambda } from './run-lambda.ts';
import { runLlm } from './run-llm.ts';
import { runMultiLlm } from './run-multi-llm.ts';
import { runQuality } from './run-quality.ts';
import { runReview } from './run-review.ts';
import { runSet } from './run-set.ts';
import { runSampler } from './run-sampler.ts';

/** Hands the records that are due at a node to the executor of its kind. */
export async function executeNode(work: NodeWork, node: NodePlan | undefined): Promise<NodeOutcome[]> {
  switch (node?.kind) {
    case 'weighted_sampler':
      return runSampler(node, work);
    case 'lambda':
      return runLambda(node, work);
    case 'llm':
      return runLlm(node, work);
    case 'multi_llm':
      return runMultiLlm(node, work);
    case 'agent':
      return runAgent(node, work);
    case 'fan_out':
      return runFanOut(node, work);
    case 'filter':
      return runFilter(node, work);
    case 'quality':
      return runQuality(node, work);
    case 'human_review':
      return runReview(node, work);
    case 'set':
      return node.scope === 'run' ? applyDecisions(work) : runSet(node, work);
    // The records have come back from its own workflow: only where they go on to is asked here.
    case 'subgraph':
      return work.records.map(() => ({ kind: 'changed', change: { set: {} } }));
    case undefined:
      if (work.index <= START_NODE) return work.records.map(() => ({ kind: 'changed', change: { set: {} } }));
      throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no node ${work.index}` });
    default:
      throw new SyngraphError({ code: 'STORE_INVALID', message: `this worker does not know nodes of kind ${String((node as { kind: unknown }).kind)}` });
  }
}
