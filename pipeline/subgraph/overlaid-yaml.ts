import type { Diagnostic } from '../diagnostics.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { valueAt } from '../schema/describe-issue.ts';
import type { Report, YamlPath, YamlPlaces } from '../yaml-source.ts';

/** What an outer graph says about one node of a subgraph. */
export interface NodeOverride {
  value: JsonObject;
  /** Where the value stands. */
  places: YamlPlaces;
  path: YamlPath;
  /** New names of prompt variables, and the paths of the entries that give them. */
  renames: ReadonlyMap<string, YamlPath>;
}

const NODES = ['graph_config', 'nodes'];

/** The places of a subgraph's values: its own file, or that of the outer graph for what is overridden. */
export class OverlaidYaml implements YamlPlaces {
  readonly #base: YamlPlaces;
  readonly #baseValue: JsonObject;
  readonly #overrides: ReadonlyMap<string, NodeOverride>;

  constructor(options: { base: YamlPlaces; baseValue: JsonObject; overrides: ReadonlyMap<string, NodeOverride> }) {
    this.#base = options.base;
    this.#baseValue = options.baseValue;
    this.#overrides = options.overrides;
  }

  keys(path: YamlPath): string[] {
    const own = isJsonObject(valueAt(this.#baseValue, path)) ? this.#base.keys(path) : [];
    const override = this.#overrideAt(path);
    const over = override === null ? undefined : valueAt(override.value, path.slice(3));
    if (override === null || over === undefined) return own;
    const { places } = this.#place(path);
    const added = override.places.keys([...override.path, ...path.slice(3)]);
    return places === this.#base ? [...new Set([...own, ...added])] : added;
  }

  diagnose(report: Report): Diagnostic {
    const renamed = this.#renamePlace(report);
    if (renamed !== null) return renamed.places.diagnose({ ...report, path: renamed.path, target: { part: 'value' } });
    const { places, path } = this.#place(report.path);
    return places.diagnose({ ...report, path });
  }

  fileAt(path: YamlPath): string {
    const place = this.#place(path);
    return place.places.fileAt(place.path);
  }

  /** A variable that came in by renaming stands in no text. */
  #renamePlace({ path, target }: Report): { places: YamlPlaces; path: YamlPath } | null {
    const override = this.#overrideAt(path);
    if (override === null || target?.part !== 'text') return null;
    const entry = override.renames.get(target.text.replace(/^\{|\}$/g, ''));
    return entry === undefined ? null : { places: override.places, path: entry };
  }

  #overrideAt(path: YamlPath): NodeOverride | null {
    const isNode = path.length >= 3 && NODES.every((step, index) => path[index] === step);
    return isNode ? (this.#overrides.get(String(path[2])) ?? null) : null;
  }

  #place(path: YamlPath): { places: YamlPlaces; path: YamlPath } {
    const override = this.#overrideAt(path);
    const own = { places: this.#base, path };
    if (override === null) return own;
    const outer = { places: override.places, path: [...override.path, ...path.slice(3)] };
    let over: unknown = override.value;
    let base: unknown = valueAt(this.#baseValue, path.slice(0, 3));
    for (const step of path.slice(3)) {
      if (!isJsonObject(over) || !Object.hasOwn(over, step)) return own;
      over = over[step];
      base = valueAt(base, [step]);
      // From here on the override stands for all that is below.
      if (!isJsonObject(over) || !isJsonObject(base)) return outer;
    }
    return own;
  }
}
