import type { JsonPrimitive } from './json.ts';

/** A condition over a state such as `judge.score >= 4 and not (language == "de")`, parsed. */
export type WhereExpression =
  | { kind: 'compare'; path: string[]; operator: '==' | '!=' | '<' | '<=' | '>' | '>='; value: JsonPrimitive }
  | { kind: 'in'; path: string[]; values: JsonPrimitive[] }
  | { kind: 'exists'; path: string[] }
  | { kind: 'and' | 'or'; parts: WhereExpression[] }
  | { kind: 'not'; part: WhereExpression };
