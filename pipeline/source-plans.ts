import type { FunctionReference } from './code-plan.ts';
import type { JsonObject } from './json.ts';

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
