import type { FileFormat, ServiceNowConnectionPlan } from './source-plans.ts';
import type { WhereExpression } from './where-expression.ts';

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
