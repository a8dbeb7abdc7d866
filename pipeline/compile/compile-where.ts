import { parseWhere } from '../parse-where.ts';
import type { WhereExpression } from '../where-expression.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { CompileContext } from './compile-context.ts';
import { countBefore } from './nodes/compile-prompt.ts';

/** The condition that stands at a place of the file; null where it is none, which has been reported. */
export function compileWhere(context: CompileContext, text: string, path: YamlPath): WhereExpression | null {
  const { expression, problem } = parseWhere(text);
  if (problem === null) return expression;
  const found = text.slice(problem.offset, problem.offset + problem.length);
  context.report({
    code: 'BAD_CONDITION',
    path,
    ...(found === '' || found === text ? {} : { target: { part: 'text', text: found, occurrence: countBefore(text, found, problem.offset) } }),
    message: problem.message,
    hint: 'A condition is written such as judge.score >= 4 and not (language in ["de", "fr"]).',
  });
  return null;
}
