import { isJsonObject, type JsonObject } from '../json.ts';
import { MODEL_RULE_NAMES } from '../model-rules.ts';
import type { QualityTaggingPlan } from '../plan.ts';
import { PAPER_RULE_NAMES, QUALITY_RULE_NAMES } from '../quality-rules.ts';
import { checkShape } from '../schema/check-shape.ts';
import { JUDGE_TASK, NEAR_DUPLICATES_TASK } from '../schema/data-quality-schema.ts';
import { taskParamsSchema } from '../schema/quality-task-params.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { CompileContext } from './compile-context.ts';
import type { ModelTable } from './compile-models.ts';
import { endpointOfModelConfig } from './endpoint-of-model-config.ts';

const PATH = ['output_config', 'data_quality', 'tasks'];

/** SyGra's judge, where a task names none. */
const DEFAULT_JUDGE = 'gpt-4o';

/** Rules by their names, as a quality node has them, and models that they or the judge need. */
interface Chosen {
  rules: Record<string, JsonObject>;
  models: JsonObject;
  judge: string | null;
}

/** Which rules tag the output; null where nothing was asked for. Without tasks all rules without models are on. */
export function compileDataQuality(context: CompileContext, models: ModelTable): QualityTaggingPlan | null {
  const config = context.parsed.config.output_config?.data_quality;
  if (!config) return null;
  if (!config.tasks || config.tasks.length === 0) return { rules: {} };
  const chosen: Chosen = { rules: {}, models: {}, judge: null };
  for (const [index, { name, params }] of config.tasks.entries()) {
    const path = [...PATH, index, 'params'];
    const { config: checked, diagnostics } = checkShape({ schema: taskParamsSchema(name), value: params ?? {}, source: context.parsed.yaml, at: path });
    context.diagnostics.push(...diagnostics);
    if (checked !== null) addTask({ context, models, chosen, path }, ourName(name), checked as JsonObject);
  }
  // Where a judge or the search for near-duplicates is all that was asked for: this one finds the conversation, and rejects nothing.
  if (![...QUALITY_RULE_NAMES, ...MODEL_RULE_NAMES].some((name) => name in chosen.rules)) chosen.rules.metadata_tagging = {};
  const rules = {
    ...Object.fromEntries(QUALITY_RULE_NAMES.map((name) => [name, settingsOf(chosen, name)])),
    ...Object.fromEntries([...MODEL_RULE_NAMES, NEAR_DUPLICATES_TASK].filter((name) => name in chosen.rules).map((name) => [name, settingsOf(chosen, name)])),
  };
  return { rules, ...(chosen.judge === null ? {} : { judge: chosen.judge }), ...(Object.keys(chosen.models).length === 0 ? {} : { models: chosen.models }) };
}

/** A rule without settings is on with its defaults. */
function settingsOf({ rules }: Chosen, name: string): JsonObject | boolean {
  const settings = rules[name];
  if (settings === undefined) return false;
  return Object.keys(settings).length === 0 ? true : settings;
}

/** The paper's name of a rule as SyGra and we call it. */
function ourName(name: string): string {
  return Object.entries(PAPER_RULE_NAMES).find(([, papers]) => papers === name)?.[0] ?? name;
}

interface TaskPlace {
  context: CompileContext;
  models: ModelTable;
  chosen: Chosen;
  /** Of the task's params. */
  path: YamlPath;
}

/** SyGra's params become ours. */
function addTask(place: TaskPlace, name: string, params: JsonObject): void {
  const { chosen } = place;
  const { model_config: modelConfig, model_max_len: longest, ifd, model_name: modelName, max_length: maximum, hf_chat_template_model_id: template, ...own } = params;
  switch (name) {
    case JUDGE_TASK:
      chosen.judge = addModel(place, isJsonObject(own.model) ? (own.model.name ?? null) : (own.model ?? null)) ?? DEFAULT_JUDGE;
      return;
    case 'conversation_pretokenization':
      chosen.rules[name] = { ...chosen.rules[name], ...withValue('tokenizer', template), ...own };
      return;
    case 'data_characteristics': {
      const { model, ...rest } = own;
      chosen.rules[name] = rest;
      // SyGra counts tokens here, by the tokenizer of that model.
      if (typeof model === 'string') chosen.rules.conversation_pretokenization = { tokenizer: model, ...chosen.rules.conversation_pretokenization };
      return;
    }
    case 'ppl_score': {
      const server = isJsonObject(modelConfig) ? addServer(place, modelConfig) : null;
      const model = server === null ? namedModel(place, own.model) : { name: server };
      chosen.rules[name] = { ...own, ...withValue('model', model), ...withValue('max_tokens', own.max_tokens ?? longest) };
      // SyGra's task of this name writes both.
      if (ifd !== false) chosen.rules.ifd_score = { ...withValue('model', model), ...withValue('languages', own.languages), ...chosen.rules.ifd_score };
      return;
    }
    case 'ifd_score':
      chosen.rules[name] = { ...chosen.rules[name], ...own, ...withValue('model', namedModel(place, own.model)) };
      return;
    case 'reward_score':
      chosen.rules[name] = { ...own, ...withValue('model', namedModel(place, own.model ?? modelName)), ...withValue('max_tokens', own.max_tokens ?? maximum) };
      if (own.model == null && modelName == null) reportNoReward(place);
      return;
    default:
      chosen.rules[name] = own;
  }
}

function withValue(key: string, value: JsonObject[string] | undefined): JsonObject {
  return value === undefined || value === null ? {} : { [key]: value };
}

/** The model of a rule; one of models.yaml is carried along. */
function namedModel(place: TaskPlace, model: JsonObject[string] | undefined): JsonObject[string] | undefined {
  if (isJsonObject(model)) addModel(place, model.name ?? null);
  return model;
}

function addModel({ models, chosen, path }: TaskPlace, name: JsonObject[string]): string | null {
  const wanted = typeof name === 'string' ? name : DEFAULT_JUDGE;
  const entry = models.entryOf(wanted, [...path, 'model']);
  if (entry !== null) chosen.models[wanted] = entry;
  return typeof name === 'string' ? name : null;
}

function addServer({ context, chosen, path }: TaskPlace, config: JsonObject): string | null {
  const found = endpointOfModelConfig(context, config, [...path, 'model_config']);
  if (found !== null) chosen.models[found.name] = found.entry;
  return found?.name ?? null;
}

function reportNoReward({ context, path }: TaskPlace): void {
  context.report({
    code: 'MISSING_KEY',
    path: path.slice(0, -1),
    message: 'reward_score names no model',
    hint: "Say params: {model_name: …} with a folder or a Hub repository that has model.onnx, tokenizer.json and config.json, or params: {model: {name: …}} with an endpoint of models.yaml; SyGra's own default runs in PyTorch only.",
  });
}
