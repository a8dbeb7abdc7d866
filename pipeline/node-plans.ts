import type { FunctionReference } from './code-plan.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { ModelRulesPlan } from './model-rules.ts';
import type { PersonField } from './person-fields.ts';
import type { QualityRulesPlan } from './quality-rules.ts';
import type { SourcePlan } from './source-plans.ts';
import type { Template } from './template-plan.ts';
import type { RoutePlan } from './walk-plan.ts';
import type { WhereExpression } from './where-expression.ts';

export type NodePlan =
  | SamplerNodePlan
  | LambdaNodePlan
  | LlmNodePlan
  | MultiLlmNodePlan
  | AgentNodePlan
  | SubgraphNodePlan
  | SetNodePlan
  | FanOutNodePlan
  | FilterNodePlan
  | ReviewNodePlan
  | QualityNodePlan;

export interface NodePlanBase {
  /** Within a subgraph: the names of the nodes that lead to it and its own, joined by `/`. */
  name: string;
  route: RoutePlan;
  /** State keys that the node is declared to write. */
  writes: string[];
}

export interface SamplerNodePlan extends NodePlanBase {
  kind: 'weighted_sampler';
  attributes: SamplerAttributePlan[];
}

export type SamplerAttributePlan = ListedAttributePlan | DrawnAttributePlan;

export interface ListedAttributePlan {
  name: string;
  /** A list to draw from, or columns of a source that are taken in order and wrapped around. */
  values: JsonValue[] | { columns: string[]; source: SourcePlan };
  /** One per value, each >= 0, sum > 0; absent: uniform. */
  weights?: number[];
}

export interface DrawnAttributePlan {
  name: string;
  draw: DrawPlan;
}

/** Samplers beyond a list of values. All are seeded by run, record, node, visit and attribute. */
export type DrawPlan =
  /** Values that depend on an attribute drawn before. */
  | { kind: 'subcategory'; of: string; values: Record<string, { values: JsonValue[]; weights: number[] | null }> }
  | { kind: 'uniform'; low: number; high: number; decimals: number | null }
  | { kind: 'gaussian'; mean: number; deviation: number; low: number | null; high: number | null; decimals: number | null }
  | { kind: 'poisson'; mean: number }
  /** Epoch milliseconds, inclusive; `unit` is what the result is rounded down to. */
  | { kind: 'datetime'; from: number; to: number; unit: 'second' | 'minute' | 'hour' | 'day'; format: 'iso' | 'date' }
  | { kind: 'uuid'; prefix: string }
  /** `referenceDate`: epoch milliseconds of the day at which people are as old as they are. With `fields` each is a key of its own. */
  | { kind: 'person'; locale: string; sex: 'female' | 'male' | null; ages: [number, number]; fields: PersonField[] | null; referenceDate: number };

export interface LambdaNodePlan extends NodePlanBase {
  kind: 'lambda';
  function: FunctionReference;
  /** The node as the YAML has it; handed to the function as its first argument. */
  config: JsonObject;
  /** The function returns a list of states: each becomes a record of its own; an empty list or nothing filters the record. */
  rows: boolean;
}

/** What every node that asks models has in common. */
export interface AskingNodePlanBase extends NodePlanBase {
  prompt: PromptMessagePlan[];
  /** State key whose messages follow the prompt, when the state has it. */
  inputKey: string | null;
  outputKeys: string[];
  outputRole: 'assistant' | 'user' | 'system';
  preProcess: FunctionReference | null;
  postProcess: FunctionReference | null;
  onTruncation: AnswerPolicy;
  onEmpty: AnswerPolicy;
  /** null: no chat history. */
  chat: ChatPlan | null;
}

/** One model of a node, and how it is asked. */
export interface AskedModelPlan {
  /** Key into `Plan.models`. */
  model: string;
  /** Sampling parameters of the request: those of models.yaml overlaid with the node's. */
  parameters: JsonObject;
  structuredOutput: StructuredOutputPlan | null;
  /** What is done to an answer before anything else sees it, e.g. `<think>` blocks removed. */
  answerProcess: AnswerProcessPlan | null;
  /** Models that answer while this one does not. Absent: none. */
  fallbacks?: FallbacksPlan;
}

/** What is wrong with a model while others answer in its place. */
export const FALLBACK_CAUSES = ['down', 'limited', 'quota', 'unauthorized'] as const;

export type FallbackCause = (typeof FALLBACK_CAUSES)[number];

export interface FallbacksPlan {
  /** The first one that is not out itself answers; parameters and answer process are its own, overlaid with the node's. */
  models: Pick<AskedModelPlan, 'model' | 'parameters' | 'answerProcess'>[];
  /** Seconds that a record waits for a model that answers nobody, or refuses the record with 429. */
  afterSeconds: number;
  on: FallbackCause[];
}

export interface LlmNodePlan extends AskingNodePlanBase, AskedModelPlan {
  kind: 'llm';
  tools: ToolPlan[];
  toolChoice: JsonValue | null;
  samples: SamplesPlan;
  /** State key for the reasoning of models that return it apart from their answer; null: dropped. */
  reasoningKey: string | null;
  /** Its records wait outside their batches for the batch API of the model's provider. Absent: no. */
  waits?: true;
}

/** Several answers to the same prompt, each a line of the journal of its own. */
export interface SamplesPlan {
  count: number;
  /** `list`: output keys hold lists; `rows`: each answer becomes a record of its own. */
  as: 'list' | 'rows';
}

export interface MultiLlmNodePlan extends AskingNodePlanBase {
  kind: 'multi_llm';
  /** By label, in the order of the file. */
  models: ({ label: string } & AskedModelPlan)[];
  /** How many models must have answered; the others' results are left out. */
  require: number;
  /** `all`: every model answers each record. `balance`: each record goes to one of them, by its id. */
  mode: 'all' | 'balance';
  multiPostProcess: FunctionReference | null;
}

export interface AgentNodePlan extends AskingNodePlanBase, AskedModelPlan {
  kind: 'agent';
  tools: ToolPlan[];
  toolChoice: JsonValue | null;
  /** Model calls of one visit at most. */
  maxSteps: number;
  /** Seconds that a tool call may take. */
  toolTimeoutSeconds: number;
  /** Injected when half the length of the history equals the turn. */
  injectSystemMessages: { turn: number; template: Template }[];
  /** State key that takes every message of the loop; null: none. */
  trajectoryKey: string | null;
}

export interface ChatPlan {
  /** Keep requests and answers of this node in `__chat_history__`, and send the latest along. */
  history: boolean;
  /** How the history is sent along: in one message, or as messages of its own; null: it is kept, not sent. */
  conversation: 'singleturn' | 'multiturn' | null;
  /** Exchanges of the history that are sent; SyGra's default is 5. */
  window: number;
}

export type ToolPlan =
  /** An export of the task's code: a tool, or a class whose tools are all offered; `tools.ts#*` is a whole module. */
  | { kind: 'function'; function: FunctionReference }
  | { kind: 'mcp'; server: McpServerPlan; only: string[] | null };

export type McpServerPlan =
  | { transport: 'stdio'; command: string; arguments: string[]; environmentVariables: string[] }
  | { transport: 'http'; url: string; tokenVariable: string | null };

export interface StructuredOutputPlan {
  name: string;
  schema:
    /**
     * `schema` is JSON text, as a plan's own keys are sorted and models answer in the order of the properties. `defaults`
     * come from a list of fields: a key that the answer lacks is filled in, keys beyond the fields are dropped.
     */
    | { kind: 'json_schema'; schema: string; defaults: JsonObject | null }
    | { kind: 'function'; function: FunctionReference };
  /** `native`: the server constrains the answer where it can; `prompt`: it is asked for in the prompt. */
  strategy: 'native' | 'prompt';
  /** Whether the prompt says what is wanted where the server cannot constrain the answer. */
  instruct: boolean;
  /** Askings that send the fault back, after an answer that cannot be mended without a call. */
  repairs: number;
}

export type AnswerProcessPlan =
  | { kind: 'remove_thinking' }
  | { kind: 'function'; function: FunctionReference };

/** What becomes of an answer that is cut off, empty or refused: kept as it is, the record fails, or it is asked again. */
export type AnswerPolicy = 'keep' | 'fail' | 'retry';

export interface PromptMessagePlan {
  role: 'system' | 'user' | 'assistant' | 'tool';
  /** Text alone, or parts. Only text parts: one template, joined by line breaks. */
  template: Template;
  /** Set where the message has parts that are not text; `template` is then empty. */
  parts?: PromptPartPlan[];
}

export type PromptPartPlan =
  | { type: 'text'; template: Template }
  /** A path, URL, data URL or list of them, or what a Hugging Face image or audio column holds. */
  | { type: 'image_url' | 'audio_url'; template: Template };

/**
 * The nodes of the subgraph stand behind the others in `Plan.nodes`; this node is the way in and
 * out. Its own route is asked when its records have come to the END of the subgraph.
 */
export interface SubgraphNodePlan extends NodePlanBase {
  kind: 'subgraph';
  /** Where records go from the START of the subgraph. */
  start: RoutePlan;
}

/** A node that sees all records of its batch or of the run at once. */
export interface SetNodePlan extends NodePlanBase {
  kind: 'set';
  scope: 'batch' | 'run';
  operation: SetOperationPlan;
}

/** Duplicates stay, and say in the state key `into` what they are near to, as rules of quality reject records. Absent: they are dropped. */
export interface DuplicateTagPlan {
  tag?: { into: string };
}

export type SetOperationPlan =
  | ({ kind: 'deduplicate_exact'; field: string; keep: 'first' | 'last'; report: DuplicateReportPlan | null } & DuplicateTagPlan)
  | (DuplicateTagPlan & {
      kind: 'deduplicate_minhash';
      field: string;
      /** Jaccard similarity from which two texts are the same. */
      threshold: number;
      /** Units of a shingle. */
      shingle: number;
      unit: 'word' | 'character';
      permutations: number;
      keep: 'first' | 'last';
      report: DuplicateReportPlan | null;
    })
  | (DuplicateTagPlan & {
      kind: 'deduplicate_embedding';
      field: string;
      /** Cosine similarity from which two texts are the same. */
      threshold: number;
      /** Key into `Plan.models`. */
      model: string;
      /** `all_pairs` compares each record with all that are kept; `nearest_neighbor` may pass over unlikely ones in large sets. */
      mode: 'nearest_neighbor' | 'all_pairs';
      keep: 'first' | 'last';
      report: DuplicateReportPlan | null;
    })
  /** Without a model the shares of common shingles tell records apart. */
  | { kind: 'select_diverse'; field: string; count: number; model: string | null }
  /** `rankKey` gets 1 for the best; `top` keeps so many, in all or of each group. */
  | { kind: 'rank'; by: string; order: 'ascending' | 'descending'; group: string | null; top: number | null; rankKey: string }
  | { kind: 'aggregate'; group: string | null; into: string; functions: AggregatePlan[] }
  /** The function gets the list of states, and returns a list of the same length: a state, or null to filter the record. */
  | { kind: 'function'; function: FunctionReference; config: JsonObject; fields: string[] | null };

/** A file that lists which records were dropped, and what they were too similar to. */
export interface DuplicateReportPlan {
  /** Relative to the folder of the run's output; null: named after the output. */
  file: string | null;
  /** `lines`: one JSON object a pair. `document`: one JSON object with counts, settings and pairs, as SyGra writes it. */
  form: 'lines' | 'document';
  /** Pairs that are listed at most. */
  maxPairs: number;
  /** State key that names a record; null: its id. */
  idField: string | null;
  /** Stands at the head of a document. */
  settings: JsonObject;
}

export interface AggregatePlan {
  name: string;
  /** `values`: the distinct values, in the order in which they are met. */
  function: 'count' | 'sum' | 'mean' | 'min' | 'max' | 'values';
  /** null only for `count`, which then counts records. */
  field: string | null;
}

/** One record becomes one for each item of a list; none for an empty one. */
export interface FanOutNodePlan extends NodePlanBase {
  kind: 'fan_out';
  items: string;
  as: string;
  /** State key that takes the number of the item, from 0; null: none. */
  indexKey: string | null;
}

/** Records that do not meet the condition end here, and make no row. */
export interface FilterNodePlan extends NodePlanBase {
  kind: 'filter';
  where: WherePlan;
}

export type WherePlan = { kind: 'expression'; expression: WhereExpression } | { kind: 'function'; function: FunctionReference };

/** A human approves, edits or rejects the record; others go on meanwhile. */
export interface ReviewNodePlan extends NodePlanBase {
  kind: 'human_review';
  /** Keys that are shown, and that may be edited; null: all. */
  show: string[] | null;
  edit: string[];
  instructions: string | null;
  /** A rejected record fails, makes no row, or goes on with the decision in `decisionKey`. */
  onReject: 'fail' | 'filter' | 'continue';
  /** State key that takes `{decision, comment, reviewer}`. */
  decisionKey: string;
}

/** Rules over the conversation of each record: heuristics, then those that need a model. */
export interface QualityNodePlan extends NodePlanBase {
  kind: 'quality';
  /** State key of the conversation; null: it is looked for as in training files. */
  messages: string | null;
  rules: QualityRulesPlan;
  /** Applied to what the others let pass. Absent: none. */
  modelRules?: ModelRulesPlan;
  /** A rejected record goes on with its tags, makes no row, or fails. */
  mode: 'tag' | 'filter' | 'fail';
  /** State key that takes `quality_characteristics.heuristic_based`, beside what it has. */
  into: string;
}
