import type { Diagnostic } from '../diagnostics.ts';
import { readVariableName } from '../environment-variable.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { ModelPlan } from '../plan.ts';
import { readYaml } from '../read-yaml.ts';
import { checkShape } from '../schema/check-shape.ts';
import { type ModelEntry, modelEntrySchema, type NodeModel } from '../schema/model-schema.ts';
import type { YamlPath, YamlSource } from '../yaml-source.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';

/** The model of a node as its configuration has it: a name alone, or with what differs from models.yaml. */
type ModelUse = { name: string } | NodeModel;

export interface UsedModel {
  /** Key into `ModelTable.plans`. */
  key: string;
  parameters: JsonObject;
}

const DEFAULT_TIMEOUT_SECONDS = 120;
const DEFAULT_MAX_ATTEMPTS = 6;

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
    this.#entries = outer === null ? new Map() : outer.#entries;
    this.#file = outer === null ? this.#read() : outer.#file;
  }

  /** The same models for the nodes of a subgraph, whose faults stand in other files. */
  within(context: CompileContext): ModelTable {
    return new ModelTable(context, this);
  }

  use({ node, model, path }: { node: string; model: ModelUse; path: YamlPath }): UsedModel {
    const entry = this.#entry(model, path);
    const { name, parameters: own, ...changes } = 'parameters' in model ? model : { ...model, parameters: null };
    const settings: Partial<ModelEntry> = { ...entry, ...definedOnly(changes) };
    const stop = settings.stop ? { stop: settings.stop } : {};
    const parameters = { ...stop, ...entry?.parameters, ...own };
    const changed = Object.keys(definedOnly(changes)).length > 0;
    // A node that changes more than parameters has a model of its own, under the same environment variables.
    const key = changed ? `${name}@${node}` : name;
    if (!Object.hasOwn(this.plans, key)) this.plans[key] = this.#plan(name, settings);
    if (changed)
      this.#checkSecrets(settings, (report) => this.#context.report({ ...report, path: [...path, ...report.path] }));
    return { key, parameters };
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
    if (this.#file === null || this.#file === 'broken') return null;
    const { source, models } = this.#file;
    const { name } = model;
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
    if (config !== null)
      this.#checkSecrets(config, (report) =>
        this.#context.diagnostics.push(source.diagnose({ ...report, path: [name, ...report.path] })),
      );
    this.#entries.set(name, config);
    return config;
  }

  #rawModel(path: YamlPath): unknown {
    return path.reduce<unknown>(
      (value, step) => (value as Record<string, unknown> | undefined)?.[step],
      this.#context.parsed.raw,
    );
  }

  #plan(name: string, settings: Partial<ModelEntry>): ModelPlan {
    const type = settings.model_type === 'azure' ? 'azure_openai' : (settings.model_type ?? 'openai');
    const servedAs = type === 'vllm' || type === 'tgi' ? settings.model_serving_name : null;
    return {
      name,
      type,
      modelId: servedAs ?? settings.model ?? settings.model_name ?? settings.model_serving_name ?? name,
      url: Array.isArray(settings.url) ? settings.url.join('|') : (settings.url ?? null),
      tokenVariable: readVariableName(settings.auth_token ?? ''),
      apiVersion: settings.api_version ?? null,
      loadBalancing: settings.load_balancing ?? 'least_requests',
      maxConcurrency: settings.max_concurrency ?? null,
      requestsPerMinute: settings.requests_per_minute ?? null,
      tokensPerMinute: settings.tokens_per_minute ?? null,
      timeoutSeconds: settings.timeout ?? DEFAULT_TIMEOUT_SECONDS,
      maxAttempts: settings.retry_attempts ?? DEFAULT_MAX_ATTEMPTS,
      verifyTls: settings.ssl_verify ?? true,
      headers: { ...settings.headers, ...settings.extra_headers },
      price: settings.price ?? null,
    };
  }

  /** Keys come from the environment only. The texts themselves are never repeated. */
  #checkSecrets(settings: Partial<ModelEntry>, report: (secret: SecretReport) => void): void {
    const variable = 'SYGRA_<MODEL>_TOKEN';
    const token = settings.auth_token;
    if (token !== null && token !== undefined && readVariableName(token) === null) {
      report({
        code: 'SECRET_IN_FILE',
        path: ['auth_token'],
        message: 'A key must not stand in a file',
        hint: `Put it into the environment and write auth_token: $NAME, or leave the key out and set ${variable}. If this one is real, revoke it.`,
      });
    }
    for (const key of ['headers', 'extra_headers'] as const) {
      for (const header of Object.keys(settings[key] ?? {})) {
        if (!/authorization|api[-_]?key|token|cookie|secret/i.test(header)) continue;
        report({
          code: 'SECRET_IN_FILE',
          path: [key, header],
          message: `The header ${header} must not stand in a file`,
          hint: `Set ${variable} in the environment: it is sent as the key.`,
        });
      }
    }
    const urls = [settings.url ?? []].flat();
    if (urls.some((url) => /\/\/[^/?#\s]*@/.test(url))) {
      report({
        code: 'SECRET_IN_FILE',
        path: ['url'],
        message: 'A url must not hold a user name or password',
        hint: `Set ${variable} in the environment instead.`,
      });
    }
  }
}

type SecretReport = Pick<Diagnostic, 'code' | 'message' | 'hint'> & { path: YamlPath };

type Defined<Settings> = { [Key in keyof Settings]?: NonNullable<Settings[Key]> };

function definedOnly<Settings extends object>(settings: Settings): Defined<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  ) as Defined<Settings>;
}
