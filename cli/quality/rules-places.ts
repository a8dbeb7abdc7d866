import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import { isJsonObject } from '../../pipeline/json.ts';
import type { Report, YamlPath, YamlPlaces } from '../../pipeline/yaml-source.ts';
import type { RulesFile } from './read-rules.ts';

const NODES = ['graph_config', 'nodes'];
const RULES = [...NODES, 'heuristics', 'rules'];
const NEAR_DUPLICATES = [...NODES, 'near_duplicates'];

/** The places of the task that `syngraph quality` writes: what it has from the file of `--rules` is shown there. */
export class RulesPlaces implements YamlPlaces {
  readonly #own: YamlPlaces;
  readonly #file: RulesFile;

  constructor(own: YamlPlaces, file: RulesFile) {
    this.#own = own;
    this.#file = file;
  }

  keys(path: YamlPath): string[] {
    return this.#own.keys(path);
  }

  diagnose(report: Report): Diagnostic {
    const path = this.#pathInRules(report.path);
    return path === null ? this.#own.diagnose(report) : this.#file.source.diagnose({ ...report, path });
  }

  fileAt(path: YamlPath): string {
    return this.#pathInRules(path) === null ? this.#own.fileAt(path) : this.#file.source.fileAt();
  }

  #pathInRules(path: YamlPath): YamlPath | null {
    if (begins(path, RULES)) return path.slice(RULES.length);
    const { near_duplicates: near } = this.#file.rules;
    const key = path[NEAR_DUPLICATES.length];
    return begins(path, NEAR_DUPLICATES) && isJsonObject(near) && key !== undefined && Object.hasOwn(near, key) ? path.slice(NODES.length) : null;
  }
}

function begins(path: YamlPath, beginning: YamlPath): boolean {
  return beginning.every((step, index) => path[index] === step);
}
