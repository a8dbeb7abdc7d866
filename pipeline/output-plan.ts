import type { FunctionReference } from './code-plan.ts';
import type { JsonValue } from './json.ts';

export interface OutputPlan {
  /** null: the whole state is the row. */
  fields: OutputFieldPlan[] | null;
  generator: FunctionReference | null;
  /** Each row says where it comes from. Absent: no. */
  provenance?: true;
  /** The generator class has a generate() of its own that makes the row from the state. */
  customGenerate: boolean;
  /** The pipeline's `oasst_mapper`. Absent: it has none. */
  oasst?: OasstPlan;
}

export interface OasstPlan {
  required: boolean;
  type: 'sft' | 'dpo';
  /** The rows are written as they are, too. */
  intermediateWriting: boolean;
}

export interface OutputFieldPlan {
  field: string;
  from?: string;
  /** Wins over `from`; `$`-paths are already resolved. */
  value?: JsonValue;
  /** Method of the generator class: (value, state) => value. */
  transform?: string;
}
