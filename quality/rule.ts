import type { JsonObject } from '../pipeline/json.ts';
import type { ContaminationIndex } from './contamination-index.ts';
import type { ConversationView, ViewedMessage } from './conversation-view.ts';

export interface RuleOutcome {
  /** What the rule found, as it goes into `heuristic_based`. */
  tags: JsonObject;
  /** Why the conversation should not be trained on; null: nothing against it. */
  reject: string | null;
}

export interface IdentifiedLanguage {
  /** fastText's code, e.g. `en`. */
  language: string;
  /** From 0 to 1. */
  confidence: number;
}

/** `target`: of the last message; `problem`: why the chat template refuses the conversation. */
export type ChatTokens = { input: number; target: number } | { problem: string };

/** What rules need that is not plain code: tables and models of the thread that they run in. */
export interface RuleResources {
  countTokens: (text: string) => number;
  /** By a model's own tokenizer and chat template; null: none is named. */
  countChat: ((messages: readonly ViewedMessage[]) => ChatTokens) | null;
  identifyLanguage: (text: string) => IdentifiedLanguage | null;
  /** From 0 to 1. */
  scoreToxicity: (text: string) => number;
  contaminationIndex: () => ContaminationIndex;
}

/** A pure function: the same conversation and settings always give the same outcome. */
export type QualityRule<Settings> = (view: ConversationView, settings: Settings, resources: RuleResources) => RuleOutcome;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
