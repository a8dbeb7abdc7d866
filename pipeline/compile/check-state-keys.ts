import { conversationField } from '../conversation-field.ts';
import { whereKeys } from '../matches-where.ts';
import type { SetOperationPlan } from '../plan.ts';
import type { WhereExpression } from '../where-expression.ts';
import type { YamlPath } from '../yaml-source.ts';
import { keysBefore, type StateKnowledge } from './check-variables.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';

interface KeyUse {
  key: string;
  path: YamlPath;
  /** A condition may ask for what is never there; a list that is never there fails every record. */
  severity: 'error' | 'warning';
}

/** State keys that nodes other than prompts look at, and that nothing before them provides. */
export function checkStateKeys(context: CompileContext, knowledge: StateKnowledge): void {
  const { graph, nodes } = knowledge;
  for (const [index, name] of graph.names.entries()) {
    const uses = keyUses(nodes[index]!.plan, ['graph_config', 'nodes', name]);
    if (uses.length === 0) continue;
    const known = keysBefore(knowledge, index);
    if (known !== null) for (const use of uses) reportUnknown(context, { use, known, name });
  }
}

/** The same for a condition over the states that reach END. */
export function checkEndKeys(context: CompileContext, knowledge: StateKnowledge, { expression, path }: { expression: WhereExpression; path: YamlPath }): void {
  const { columns, nodes } = knowledge;
  if (columns === null || nodes.some((node) => node.writesMore)) return;
  const known = new Set([...columns, ...nodes.flatMap((node) => node.writes)]);
  for (const key of whereKeys(expression)) reportUnknown(context, { use: { key, path, severity: 'warning' }, known, name: 'target' });
}

function keyUses(plan: StateKnowledge['nodes'][number]['plan'], path: YamlPath): KeyUse[] {
  switch (plan?.kind) {
    case 'weighted_sampler':
      return plan.attributes.flatMap((attribute): KeyUse[] => {
        const of = 'draw' in attribute && attribute.draw.kind === 'subcategory' ? attribute.draw.of : null;
        if (of === null || plan.writes.includes(of)) return [];
        return [{ key: of, path: [...path, 'attributes', attribute.name, 'category'], severity: 'error' }];
      });
    case 'fan_out':
      return [{ key: plan.items, path: [...path, 'items'], severity: 'error' }];
    case 'filter':
      return plan.where.kind === 'expression' ? whereKeys(plan.where.expression).map((key) => ({ key, path: [...path, 'where'], severity: 'warning' })) : [];
    case 'quality':
      return plan.messages === null ? [] : [{ key: plan.messages, path: [...path, 'messages'], severity: 'error' }];
    case 'human_review':
      return (plan.show ?? plan.edit).map((key) => ({ key, path: [...path, plan.edit.includes(key) ? 'edit' : 'show'], severity: 'warning' }));
    case 'set':
      return setKeys(plan.operation).map(({ key, at }) => ({ key, path: [...path, ...at], severity: 'error' }));
    default:
      return [];
  }
}

/** What a set is compared, ordered or counted by: where nothing provides it, every record would be the same. */
function setKeys(operation: SetOperationPlan): { key: string; at: YamlPath }[] {
  if ('field' in operation) {
    const conversation = conversationField(operation.field);
    const key = conversation === null ? operation.field : conversation.key;
    return key === null ? [] : [{ key, at: ['field'] }];
  }
  const group = 'group' in operation && operation.group !== null ? [{ key: operation.group, at: ['group_by'] }] : [];
  if (operation.kind === 'rank') return [{ key: operation.by, at: ['by'] }, ...group];
  if (operation.kind === 'function') return (operation.fields ?? []).map((key) => ({ key, at: ['fields'] }));
  return [...group, ...operation.functions.flatMap(({ name, field }) => (field === null ? [] : [{ key: field, at: ['functions', name, 'field'] }]))];
}

function reportUnknown(context: CompileContext, { use, known, name }: { use: KeyUse; known: ReadonlySet<string>; name: string }): void {
  // A dotted path is known by its beginning.
  if (known.has(use.key) || known.has(use.key.split('.')[0]!)) return;
  context.report({
    code: 'UNKNOWN_VARIABLE',
    severity: use.severity,
    path: use.path,
    message: `Nothing provides "${use.key}" to "${name}": it is no column of the source, and no node before writes it`,
    hint: nearestHint(use.key, known) ?? 'Add it to the source or to the output_keys of a node before.',
    allowed: [...known],
  });
}
