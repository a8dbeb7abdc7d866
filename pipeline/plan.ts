import type { JsonObject, JsonValue } from './json.ts';
import type { ModelPlan } from './model-plan.ts';
import type { NodePlan } from './node-plans.ts';
import type { WhereExpression } from './where-expression.ts';

/** Raised when the layout of a plan changes in a way that older workers cannot read. */
export const PLAN_VERSION = 2;

/** The edge target that ends a branch. Other targets are indexes into `Plan.nodes`. */
export const END = -1;

/**
 * An export of the task's code as the plan's bundle names it, e.g. `task_executor.ts#ShouldLoop`.
 * The bundle's `functions` table maps it to the bundled export.
 */
export type FunctionReference = string;

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

/** The little of a plan that workflows see. At most 10 kB as JSON. */
export interface WalkTable {
  /** Node names in plan order, which is the order of the YAML file. */
  nodes: string[];
  /** Unconditional targets of START, or null where a condition decides and an activity must be asked. */
  start: number[] | null;
  /**
   * `reach[i]` lists the nodes that node i can still reach, back edges of loops not counted. Empty
   * rows where no node fans out: a record then has one branch, which waits for no other.
   */
  reach: number[][];
  /** A record that visits one node more often than this has failed. */
  maxVisits: number;
  /** Nodes that are child workflows, by index. Absent: none. */
  subgraphs?: SubgraphWalk[];
  /** Nodes that see all records of a batch: they wait until none of its records can still come. Absent: none. */
  gathering?: number[];
  /** Nodes that may make several records of one, and subgraphs that hold one. Absent: none. */
  splitting?: number[];
  /** Nodes where records leave their batch and wait: for all records of the run, or for a human. Absent: none. */
  parking?: number[];
}

export interface SubgraphWalk {
  node: number;
  /** Unconditional targets of the subgraph's START, or null where a condition decides. */
  start: number[] | null;
  /** Unconditional targets of the node itself, or null where a condition decides. */
  next: number[] | null;
}

/** Where a record goes after a node. Every condition is asked; targets are united. */
export interface RoutePlan {
  always: number[];
  conditions: ConditionPlan[];
}

export interface ConditionPlan {
  function: FunctionReference;
  /** Answer of the function to its targets; several where the YAML gives a list. */
  paths: Record<string, number[]>;
}

export * from './model-plan.ts';
export * from './node-plans.ts';

/** A parsed template: literal text and variables in turn. */
export type Template = TemplatePart[];
export type TemplatePart = string | { variable: string };

export type FileFormat = 'json' | 'jsonl' | 'csv' | 'parquet';

export type SourcePlan = SingleSourcePlan | JoinedSourcePlan;

export type SingleSourcePlan = DiskSourcePlan | HubSourcePlan | ServiceNowSourcePlan;

export interface SourcePlanBase {
  transformations: TransformationPlan[];
  /** `stop`: a row that cannot be read stops the run before any call. `skip`: it fails alone. */
  onBadRecord: 'stop' | 'skip';
}

export interface DiskSourcePlan extends SourcePlanBase {
  type: 'disk';
  /** Absolute. */
  path: string;
  format: FileFormat;
  /** A label that TextDecoder knows; default utf-8. */
  encoding: string;
}

export interface HubSourcePlan extends SourcePlanBase {
  type: 'hf';
  repoId: string;
  configName: string | null;
  splits: string[];
  streaming: boolean;
  /** Environment variable that holds the token; null: HF_TOKEN, then SYGRA_HF_TOKEN, then none. */
  tokenVariable: string | null;
  /** Only these of the splits' files: those whose path matches, and of them the positions in `index`. */
  shard?: { regex: string | null; index: number[] | null };
}

export interface ServiceNowSourcePlan extends SourcePlanBase {
  type: 'servicenow';
  connection: ServiceNowConnectionPlan;
  table: string;
  /** ServiceNow's encoded query, with the order; never empty, since pages need an order. */
  query: string;
  /** null: all that the table has. */
  fields: string[] | null;
  /** Rows at most; null: all. */
  limit: number | null;
  /** Rows of one page. */
  batchSize: number;
  displayValue: 'all' | 'true' | 'false';
  excludeReferenceLink: boolean;
}

/** A text that the pipeline gives, or the environment variable that holds it. */
export type SettingPlan = { value: string } | { variable: string };

/** How an instance is reached. Secrets are only ever named: their values never stand in a plan. */
export interface ServiceNowConnectionPlan {
  /** A name such as dev00000, or the url of the instance. */
  instance: SettingPlan;
  username: SettingPlan;
  passwordVariable: string;
  /** OAuth's password grant is used where both client settings have values, else basic authentication. */
  clientId: SettingPlan;
  clientSecretVariable: string;
  proxy: SettingPlan | null;
  verifyTls: boolean;
  /** PEM file with the client's certificate and key; relative to the worker's folder. */
  certificate: string | null;
  /** Busy answers and cut connections are tried again. */
  autoRetry: boolean;
}

/** Several sources that are read as one. Columns are `alias->column`, those of stacked sources have no prefix. */
export interface JoinedSourcePlan extends SourcePlanBase {
  type: 'joined';
  /** The primary source first, then the others in the order of the file; or stacked ones alone. */
  parts: JoinedPartPlan[];
}

export interface JoinedPartPlan {
  alias: string;
  join: JoinPlan;
  source: SingleSourcePlan;
}

export type JoinPlan =
  | { kind: 'primary' | 'cross' | 'sequential' | 'random' | 'vstack' }
  /** A left join: `primaryKey` is a column of the primary source, `joinKey` of this one; both without prefix. */
  | { kind: 'column'; primaryKey: string; joinKey: string };

export type SinkPlan = FileSinkPlan | HubSinkPlan | ServiceNowSinkPlan;

export interface SinkPlanBase {
  /** Takes the output columns `alias->column`, without the prefix. null: all that go to no other sink. */
  alias: string | null;
  /** Takes only rows that meet it. Absent: all. */
  where?: WhereExpression;
}

export interface FileSinkPlan extends SinkPlanBase {
  type: 'file';
  path: string;
  format: FileFormat;
  encoding: string;
}

export interface HubSinkPlan extends SinkPlanBase {
  type: 'hf';
  repoId: string;
  configName: string | null;
  split: string;
  private: boolean;
  tokenVariable: string | null;
  /** What the dataset's card says beyond what the run knows. Absent: nothing; null: the card names the split alone. */
  card?: DatasetCardPlan | null;
}

/** Fields of the front matter of a dataset's card, as the Hub knows them; those that are absent stay as they are there. */
export interface DatasetCardPlan {
  /** The Hub's name of a licence, e.g. `cc-by-4.0`, or `other` with a name and a link. */
  license?: string;
  licenseName?: string;
  licenseLink?: string;
  prettyName?: string;
  /** First words of a card that has none yet. */
  description?: string;
  languages?: string[];
  taskCategories?: string[];
  tags?: string[];
}

export interface ServiceNowSinkPlan extends SinkPlanBase {
  type: 'servicenow';
  connection: ServiceNowConnectionPlan;
  table: string;
  operation: 'insert' | 'update' | 'upsert';
  /** Field by which rows are found for update and upsert. */
  keyField: string;
  /** Field that takes a mark of the row, so that an insert without an answer can be looked up; null: none. */
  correlationField: string | null;
}

export type TransformationPlan =
  | { kind: 'rename_fields'; mapping: Record<string, string>; overwrite: boolean }
  | { kind: 'add_new_field'; mapping: JsonObject }
  /** Other columns are dropped; `fields` of a source. */
  | { kind: 'select_fields'; fields: string[] }
  | { kind: 'skip_records'; count: { fromStart: number; fromEnd: number } }
  /** Half-open ranges of positions; negative numbers count from the end, null is open. */
  | { kind: 'skip_records'; ranges: { from: number | null; to: number | null }[] }
  | {
      kind: 'combine_records';
      skip: { fromBeginning: number; fromEnd: number };
      combine: number;
      shift: number;
      /** Column to template over the window: `$1` is the column of the first record of the window. */
      joinColumn: Record<string, string>;
    }
  /** Rows of OASST trees become their conversations. */
  | { kind: 'gather_conversations' }
  /** The function answers true for the records that stay. */
  | { kind: 'filter'; function: FunctionReference; params: JsonObject }
  /** The function gets a list of records and params, and returns a list of records. */
  | { kind: 'user'; function: FunctionReference; params: JsonObject };

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

export interface BundlePlan {
  /** sha256 of the bundled code; the store keeps it as `bundles/<hash>.mjs`. */
  hash: string;
  functions: Record<FunctionReference, FunctionKind>;
  /** Code of `.py` files. Absent: there is none. */
  python?: PythonPlan;
}

export interface PythonPlan {
  /** sha256 of the archive of modules; the store keeps it as `bundles/<hash>.python.json`. */
  hash: string;
  /** Absolute folder where dotted names began when the plan was made: the working directory of helpers, if it is there. */
  folder: string;
}

/** What an export turned out to be when the bundle was made. */
export type FunctionKind = 'function' | 'class' | 'schema' | 'module';
