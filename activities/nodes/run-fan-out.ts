import { valueAtPath } from '../../pipeline/matches-where.ts';
import type { FanOutNodePlan } from '../../pipeline/plan.ts';
import { MOST_CHILDREN } from '../../pipeline/run-contract.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from './node-work.ts';

/** A record becomes one for each item of its list; with an empty list it is filtered. */
export function runFanOut(node: FanOutNodePlan, work: NodeWork): NodeOutcome[] {
  return work.records.map(({ state }): NodeOutcome => {
    // A key may have dots in its name.
    const items = valueAtPath(state, Object.hasOwn(state, node.items) ? [node.items] : node.items.split('.'));
    if (!Array.isArray(items)) {
      const found = items === undefined ? 'nothing' : items === null ? 'null' : `a ${typeof items}`;
      return failedOutcome(work, { code: 'ITEMS_INVALID', message: `fan_out wants a list under ${node.items} and finds ${found}` });
    }
    if (items.length > MOST_CHILDREN) {
      return failedOutcome(work, { code: 'ITEMS_INVALID', message: `the list under ${node.items} has ${items.length} items; a record is split into ${MOST_CHILDREN} at most` });
    }
    const children = items.map((item, index) => ({ set: { [node.as]: item, ...(node.indexKey === null ? {} : { [node.indexKey]: index }) } }));
    return { kind: 'split', children };
  });
}
