import type { BundlePlan, FunctionReference } from './code-plan.ts';
import type { JsonObject } from './json.ts';
import type { ModelPlan } from './model-plan.ts';
import type { NodePlan } from './node-plans.ts';
import type { OutputPlan } from './output-plan.ts';
import type { SchemaPlan } from './schema-plan.ts';
import type { SinkPlan } from './sink-plans.ts';
import type { SourcePlan } from './source-plans.ts';
import type { RoutePlan, WalkTable } from './walk-plan.ts';
import type { WhereExpression } from './where-expression.ts';

export * from './code-plan.ts';
export * from './model-plan.ts';
export * from './node-plans.ts';
export * from './output-plan.ts';
export * from './schema-plan.ts';
export * from './sink-plans.ts';
export * from './source-plans.ts';
export * from './template-plan.ts';
export * from './walk-plan.ts';

/** Raised when the layout of a plan changes in a way that older workers cannot read. */
export const PLAN_VERSION = 2;

/** What a pipeline compiles to: plain JSON, content-hashed, kept in the store. */
export interface Plan {
  version: typeof PLAN_VERSION;
  /** Name of the pipeline: the task folder's name, or the YAML file's without its extension. */
  pipeline: string;
  source: SourcePlan | null;
  sinks: SinkPlan[];
  /** Column that identifies a source record; absent: the hash of its content. */
  idColumn: string | null;
  nodes: NodePlan[];
  /** Where records go from START. Conditions of START are those of the pseudo node's route. */
  start: RoutePlan;
  walk: WalkTable;
  output: OutputPlan;
  schema: SchemaPlan | null;
  /** The models that nodes name, as models.yaml describes them; never urls from the environment, never keys. */
  models: Record<string, ModelPlan>;
  /** The task's code; null when the pipeline names no function. */
  bundle: BundlePlan | null;
  /** The run draws candidates until enough are accepted; null: every source record is taken once. */
  target: TargetPlan | null;
  /** The output is tagged by rules afterwards. Absent: only where a run asks for it. */
  quality?: QualityTaggingPlan;
  /** What is done with the finished rows, in order. Absent: nothing. */
  postProcess?: PostProcessPlan[];
}

/** `data_quality` of the file. */
export interface QualityTaggingPlan {
  /** As a `quality` node has them. */
  rules: JsonObject;
  /** Model that judges what the rules let pass. Absent: nobody judges. */
  judge?: string;
  /** Entries of models.yaml for the models that score or judge. Absent: none does. */
  models?: JsonObject;
}

/** A processor of the task's code that gets the finished rows. */
export interface PostProcessPlan {
  function: FunctionReference;
  params: JsonObject;
  /** It gets what the processor before has returned instead of the rows. */
  usePrevious: boolean;
}

export interface TargetPlan {
  /** Accepted records that are wanted. */
  records: number;
  where: WhereExpression;
  /** Candidates that are drawn at most. */
  maxCandidates: number;
}
