import type { NodePlan, TargetPlan } from '../plan.ts';
import type { WhereExpression } from '../where-expression.ts';
import { checkEndKeys } from './check-state-keys.ts';
import type { StateKnowledge } from './check-variables.ts';
import type { CompileContext } from './compile-context.ts';
import { compileWhere } from './compile-where.ts';

const CANDIDATES_PER_RECORD = 10;
/** Without a condition everything that makes a row is accepted. */
const ANY: WhereExpression = { kind: 'and', parts: [] };

/** null where the run takes each record once, or where a fault has been reported. */
export function compileTarget(context: CompileContext, knowledge: StateKnowledge, nodes: readonly NodePlan[]): TargetPlan | null {
  const { target } = context.parsed.config;
  if (!target) return null;
  const path = ['target'];
  const gatherer = nodes.find((node) => node.kind === 'set' && node.scope === 'run');
  if (gatherer !== undefined) {
    context.report({
      code: 'NOT_SUPPORTED_YET',
      path,
      target: { part: 'key' },
      message: `A target cannot be combined with "${gatherer.name}", which has scope: run: it would see the candidates drawn so far, and judge them anew with every wave`,
      hint: 'Leave the target out, or give the node scope: batch.',
    });
  }
  const { records, max_candidates: maxCandidates = records * CANDIDATES_PER_RECORD } = target;
  if (maxCandidates < records) {
    const message = `At most ${maxCandidates} candidates cannot make ${records} records`;
    context.report({ code: 'WRONG_VALUE', path: [...path, 'max_candidates'], message, hint: 'A candidate makes a record at best; raise max_candidates.' });
  }
  if (!target.where) return { records, where: ANY, maxCandidates };
  const expression = compileWhere(context, target.where, [...path, 'where']);
  if (expression === null) return null;
  checkEndKeys(context, knowledge, { expression, path: [...path, 'where'] });
  return { records, where: expression, maxCandidates };
}
