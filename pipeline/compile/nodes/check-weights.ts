import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

interface Weighted {
  /** As messages name it. */
  name: string;
  values: readonly unknown[];
  weights?: readonly number[] | null | undefined;
  /** Of the mapping that holds both. */
  path: YamlPath;
}

/** Whether something can be drawn from a list, and by its weights. */
export function checkWeights(context: CompileContext, { name, values, weights, path }: Weighted): void {
  const report = (at: string, message: string, hint: string): void =>
    context.report({ code: at === 'weights' ? 'BAD_WEIGHTS' : 'WRONG_VALUE', path: [...path, at], message, hint });
  if (values.length === 0) report('values', `"${name}" has no values to draw from`, 'Add at least one.');
  if (!weights) return;
  const negative = weights.find((weight) => weight < 0);
  if (weights.length !== values.length)
    report('weights', `"${name}" has ${values.length} values but ${weights.length} weights`, 'Give one weight for each value.');
  else if (negative !== undefined) report('weights', `The weight ${negative} of "${name}" is negative`, 'Weights are 0 or more.');
  else if (weights.reduce((sum, weight) => sum + weight, 0) <= 0)
    report('weights', `The weights of "${name}" add up to 0, so nothing can be drawn`, 'Make at least one weight greater than 0.');
}
