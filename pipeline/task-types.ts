/**
 * Types of the helpers that a task's code exports, for `import type { State } from 'syngraph'`.
 * Classes with these methods, objects with them and plain functions are all taken.
 */
import type { JsonObject, JsonValue } from './json.ts';

/** What a record has gathered on its way through the graph: columns of the source and what nodes have written. */
export type State = JsonObject;

/** State keys with the values that they are to get; keys that are left out stay as they are. */
export type StateChange = Record<string, unknown>;

/** The answer of a model. */
export interface AnswerMessage {
  role: 'assistant' | 'user' | 'system';
  /** A text; JSON as a text for structured output. */
  content: string;
  tool_calls: JsonValue[];
}

export interface LambdaFunction {
  /** `config` is the node as the YAML has it. With `rows: true` it returns a list of states. */
  apply(config: JsonObject, state: State): StateChange | StateChange[] | Promise<StateChange | StateChange[]>;
}

export interface EdgeCondition {
  /** A key of `path_map`, or several. */
  apply(state: State): string | string[] | Promise<string | string[]>;
}

export interface NodePreProcessor {
  /** The state that the prompt sees. */
  apply(state: State): StateChange | Promise<StateChange>;
}

export interface NodePostProcessor {
  apply(message: AnswerMessage, state: State): StateChange | Promise<StateChange>;
}

export interface MultiLlmPostProcessor {
  /** `outputs` has what each model has made of the state, by label. */
  apply(outputs: Record<string, JsonObject>): StateChange | Promise<StateChange>;
}

export interface ModelPostProcessor {
  /** The answer before anything else sees it. */
  apply(text: string): string | Promise<string>;
}

export interface DataTransform {
  transform(rows: JsonObject[], params: JsonObject): JsonObject[] | Promise<JsonObject[]>;
}

/** Of a filter node. */
export interface StateFilter {
  apply(state: State): boolean | Promise<boolean>;
}

/** Of the transformation `filter`. */
export interface RowFilter {
  apply(row: JsonObject, params: JsonObject): boolean | Promise<boolean>;
}

export interface GraphPostProcessor {
  /** The finished rows, or what the processor before has returned; what it returns goes to a file beside the output. */
  process(rows: JsonObject[], place: { output_file: string }, params: JsonObject): unknown;
}

export interface SetFunction {
  /** One entry for each state, in the same order: a state with its changes, or null to take the record out. */
  apply(config: JsonObject, states: State[]): (StateChange | null)[] | Promise<(StateChange | null)[]>;
}
