import type { FunctionReference } from './code-plan.ts';
import type { JsonValue } from './json.ts';

export type SchemaPlan =
  { kind: 'fields'; fields: SchemaFieldPlan[] } | { kind: 'function'; function: FunctionReference };

export interface SchemaFieldPlan {
  name: string;
  type: SchemaType;
  rules: SchemaRulePlan[];
  optional: boolean;
}

/** A Python-style type such as `list[dict[str, any]]`, parsed. */
export type SchemaType =
  | { kind: 'str' | 'int' | 'float' | 'bool' | 'none' | 'any' }
  | { kind: 'list' | 'set'; item: SchemaType }
  | { kind: 'tuple'; items: SchemaType[] }
  | { kind: 'dict'; key: SchemaType; value: SchemaType }
  | { kind: 'union'; options: SchemaType[] };

export type SchemaRulePlan =
  | { rule: 'is_greater_than' | 'is_less_than' | 'min_length' | 'max_length'; value: number }
  | { rule: 'is_equal_to'; value: JsonValue }
  | { rule: 'regex'; value: string }
  | { rule: 'enum'; value: JsonValue[] };
