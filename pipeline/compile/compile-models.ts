import { isJsonObject, type JsonObject } from '../json.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { DEFAULT_EMBEDDING_MODEL } from '../model-plan.ts';
import type { FallbacksPlan, ModelPlan } from '../plan.ts';
import { readYaml } from '../read-yaml.ts';
import { checkShape } from '../schema/check-shape.ts';
import type { FallbacksConfig } from '../schema/fallbacks-schema.ts';
import { LOOSE_PARAMETERS, type ModelEntry, modelEntrySchema, type NodeModel } from '../schema/model-schema.ts';
import type { StructuredOutputConfig } from '../schema/structured-output.ts';
import type { Report, YamlPath, YamlSource } from '../yaml-source.ts';
import { checkModelSettings, checkTogether, type SettingsReport } from './check-model-settings.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';
import { definedOnly, modelPlanOf, parametersOf, typeOfProvider, type ModelSettings } from './compile-model-plan.ts';

/** The model of a node as its configuration has it: a name alone, or with what differs from models.yaml. */
type ModelUse = { name: string } | NodeModel;

export interface UsedModel {
  /** Key into `ModelTable.plans`. */
  key: string;
  parameters: JsonObject;
  /** As the node says it, else models.yaml. */
  structuredOutput: StructuredOutputConfig | null;
  /** Path of the function for answers, as the node says it, else models.yaml. */
  postProcess: string | null;
  /** Models that answer while this one does not. Absent: none. */
  fallbacks?: UsedFallbacks;
}

export interface UsedFallbacks extends Omit<FallbacksPlan, 'models'> {
  models: Pick<UsedModel, 'key' | 'parameters' | 'postProcess'>[];
}

/** It runs in the worker, so that no entry need say where it is served. */
function isPackagedEncoder(name: string): boolean {
  return name === DEFAULT_EMBEDDING_MODEL || name === `sentence-transformers/${DEFAULT_EMBEDDING_MODEL}`;
}

/** Longer than a hiccup of an endpoint, shorter than what a run should stand still for. */
const DEFAULT_FALLBACK_SECONDS = 10;

/** Keys of a node's model that make no model of its own. */
const PER_NODE_KEYS = new Set<string>(['fallbacks', 'parameters', 'additional_params', 'stop', 'structured_output', 'post_process', ...LOOSE_PARAMETERS]);

/** A node that asks a model. */
interface Use {
  node: string;
  model: ModelUse;
  path: YamlPath;
}

/** The models that nodes name. Only those are checked: the others may be of types not supported yet. */
export class ModelTable {
  readonly plans: Record<string, ModelPlan>;
  readonly #context: CompileContext;
  /** null: there is no models.yaml; broken: it cannot be read, which has been reported. */
  readonly #file: { source: YamlSource; models: JsonObject } | 'broken' | null;
  readonly #entries: Map<string, ModelEntry | null>;

  constructor(context: CompileContext, outer: ModelTable | null = null) {
    this.#context = context;
    this.plans = outer?.plans ?? {};
    this.#entries = outer === null ? new Map<string, ModelEntry | null>() : outer.#entries;
    this.#file = outer === null ? this.#read() : outer.#file;
  }

  /** The same models for the nodes of a subgraph, whose faults stand in other files. */
  within(context: CompileContext): ModelTable {
    return new ModelTable(context, this);
  }

  use(use: Use): UsedModel {
    const { used, settings, given } = this.#check(use);
    const { fallbacks: config } = settings;
    const fallbacks = config == null ? null : this.#fallbacks({ ...use, given, config });
    return fallbacks === null ? used : { ...used, fallbacks };
  }

  /**
   * A model whose embeddings or scores are compared with each other: those of another one would mean something else.
   * @returns its key
   */
  useAlone(use: Use): string {
    const { used, settings } = this.#check(use);
    const { fallbacks: given } = use.model as NodeModel;
    // null says that those of models.yaml are meant for other nodes.
    if (settings.fallbacks != null && given !== null) {
      const isOfNode = given !== undefined;
      this.#context.report({
        code: 'WRONG_VALUE',
        path: isOfNode ? [...use.path, 'fallbacks'] : use.path,
        target: { part: 'key' },
        message: `The model "${use.model.name}" has fallbacks, and embeddings and scores of two models cannot be compared`,
        hint: isOfNode ? 'Remove them.' : 'Name a model without fallbacks, or say at the model of the node that this one is asked alone: fallbacks: null.',
      });
    }
    return used.key;
  }

  #check(use: Use): { used: UsedModel; settings: ModelSettings; given: ModelSettings } {
    const { used, settings, given, isChanged } = this.#take(use);
    const report = (found: SettingsReport): void => this.#context.report({ ...found, path: [...use.path, ...found.path] });
    checkModelSettings(given, report);
    if (isChanged) checkTogether(settings, given, report);
    return { used, settings, given };
  }

  #take({ node, model, path }: Use): { used: UsedModel; settings: ModelSettings; given: ModelSettings; isChanged: boolean } {
    const entry = this.#entry(model, path);
    const { name, provider, ...own } = model as NodeModel;
    const providerType = entry === null && own.model_type === undefined ? typeOfProvider(provider) : null;
    const given: ModelSettings = definedOnly({ ...own, ...(providerType !== null && providerType !== 'openai' ? { model_type: providerType } : {}) }) as ModelSettings;
    const settings: ModelSettings = { ...entry, ...given };
    const isChanged = Object.keys(given).some((key) => !PER_NODE_KEYS.has(key));
    // A node that changes more than parameters has a model of its own, under the same environment variables.
    const key = isChanged ? `${name}@${node}` : name;
    if (!Object.hasOwn(this.plans, key)) this.plans[key] = modelPlanOf(name, settings);
    const used = {
      key,
      parameters: { ...parametersOf(entry ?? {}), ...parametersOf(given) },
      structuredOutput: settings.structured_output ?? null,
      postProcess: settings.post_process ?? null,
    };
    return { used, settings, given, isChanged };
  }

  /** The models in the place of one that is out. They take what the node says of its requests, and have no others in their own place. */
  #fallbacks({ node, model, path, given, config }: { node: string; model: ModelUse; path: YamlPath; given: ModelSettings; config: FallbacksConfig }): UsedFallbacks | null {
    if (this.#file === 'broken' || this.#file === null) return null;
    const { source, models: listed } = this.#file;
    const { models: names, after, on } = Array.isArray(config) ? { models: config } : config;
    const isOfNode = given.fallbacks != null;
    const own = Object.fromEntries(Object.entries(given).filter(([key]) => PER_NODE_KEYS.has(key) && key !== 'fallbacks'));
    const models = names.flatMap((other, index) => {
      const at = [...(isOfNode ? path : [model.name]), 'fallbacks', ...(Array.isArray(config) ? [] : ['models']), index];
      const wrong = (found: Omit<Report, 'path'>): [] => {
        if (isOfNode) this.#context.report({ ...found, path: at });
        else this.#reportOnce(source.diagnose({ ...found, path: at }));
        return [];
      };
      if (other === model.name) return wrong({ code: 'WRONG_VALUE', message: `The model "${other}" cannot stand in for itself`, hint: 'Name another one; several urls of one model stand under its url.' });
      if (names.indexOf(other) !== index) return wrong({ code: 'WRONG_VALUE', message: `"${other}" stands there twice`, hint: 'Leave one of them out.' });
      if (!this.#isListed(other)) return wrong({ code: 'UNKNOWN_MODEL', message: `${source.file} has no model "${other}"`, hint: nearestHint(other, Object.keys(listed)) ?? `Add it to ${source.file}.`, allowed: Object.keys(listed) });
      const { used } = this.#take({ node, model: { ...own, name: other }, path });
      const { n: _, ...parameters } = used.parameters;
      return [{ key: used.key, parameters, postProcess: used.postProcess }];
    });
    return models.length === 0 ? null : { models, afterSeconds: after ?? DEFAULT_FALLBACK_SECONDS, on: on ?? ['down', 'limited'] };
  }

  /** What stands in models.yaml is looked at for each node. */
  #reportOnce(found: Diagnostic): void {
    const { diagnostics } = this.#context;
    if (!diagnostics.some(({ file, line, message }) => file === found.file && line === found.line && message === found.message)) diagnostics.push(found);
  }

  /**
   * For a model that SyGra runs by itself: where models.yaml has no entry for it, the simulation takes
   * its place whatever the environment says, since no provider serves it under that name.
   * @returns its key, and whether the simulation takes its place
   */
  useOrSimulate(use: { node: string; model: { name: string }; path: YamlPath }): { key: string; simulated: boolean } {
    const { name } = use.model;
    const isThere = this.#file === 'broken' || this.#isListed(name) || isPackagedEncoder(name);
    if (isThere) return { key: this.useAlone(use), simulated: false };
    if (!Object.hasOwn(this.plans, name)) this.plans[name] = { ...modelPlanOf(name, {}), type: 'simulated' };
    return { key: name, simulated: true };
  }

  /**
   * The entry of a model as models.yaml has it, for a pipeline that is made of this one. Without a models.yaml, one that
   * says no more than the name does; null where it has been reported.
   */
  entryOf(name: string, path: YamlPath): JsonObject | null {
    if (this.#file === 'broken') return null;
    if (this.#file === null) return { model_type: 'openai' };
    const entry = this.#entry({ name }, path);
    const raw = this.#file.models[name];
    return entry === null || !isJsonObject(raw) ? null : raw;
  }

  #isListed(name: string): boolean {
    return this.#file !== null && this.#file !== 'broken' && Object.hasOwn(this.#file.models, name);
  }

  #read(): { source: YamlSource; models: JsonObject } | 'broken' | null {
    const { models } = this.#context.facts;
    if (models === null) return null;
    const { source, value, diagnostics } = readYaml({ file: models.file, content: models.text });
    this.#context.diagnostics.push(...diagnostics);
    if (value === null && diagnostics.length === 0) return { source, models: {} };
    if (value === null) return 'broken';
    if (isJsonObject(value)) return { source, models: value };
    this.#context.diagnostics.push(
      source.diagnose({
        code: 'WRONG_TYPE',
        path: [],
        target: { part: 'value' },
        message: 'models.yaml is a mapping from names to models',
      }),
    );
    return 'broken';
  }

  #entry(model: ModelUse, path: YamlPath): ModelEntry | null {
    const { name } = model;
    if (this.#file === 'broken') return null;
    if (!this.#isListed(name) && isPackagedEncoder(name)) return { model_type: 'local', model: name };
    if (this.#file === null) return null;
    const { source, models } = this.#file;
    if (!Object.hasOwn(models, name)) {
      const names = Object.keys(models);
      const at = isJsonObject(this.#rawModel(path)) ? [...path, 'name'] : path;
      const hint = nearestHint(name, names) ?? `Add it to ${source.file}.`;
      this.#context.report({
        code: 'UNKNOWN_MODEL',
        path: at,
        message: `${source.file} has no model "${name}"`,
        hint,
        allowed: names,
      });
      return null;
    }
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const { config, diagnostics } = checkShape({ schema: modelEntrySchema, value: models[name], source, at: [name] });
    this.#context.diagnostics.push(...diagnostics);
    const report = (found: SettingsReport): void =>
      void this.#context.diagnostics.push(source.diagnose({ ...found, path: [name, ...found.path] }));
    if (config !== null) {
      checkModelSettings(config, report);
      checkTogether(config, config, report);
    }
    this.#entries.set(name, config);
    return config;
  }

  #rawModel(path: YamlPath): unknown {
    return path.reduce<unknown>(
      (value, step) => (value as Record<string, unknown> | undefined)?.[step],
      this.#context.parsed.raw,
    );
  }
}
