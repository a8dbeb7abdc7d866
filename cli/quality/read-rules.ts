import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { shownPath } from '../../activities/planning/task-file.ts';
import { hasErrors, type Diagnostic } from '../../pipeline/diagnostics.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import { readYaml } from '../../pipeline/read-yaml.ts';
import { renderDiagnostics } from '../../pipeline/render-diagnostics.ts';
import type { YamlSource } from '../../pipeline/yaml-source.ts';

/** The file that `--rules` names, and where its values stand. */
export interface RulesFile {
  rules: JsonObject;
  source: YamlSource;
}

/** @throws SyngraphError USAGE, with the place where the file is no YAML */
export function readRules(named: string, workingDirectory: string): RulesFile {
  const file = shownPath(resolve(workingDirectory, named), workingDirectory);
  let content: Buffer;
  try {
    content = readFileSync(resolve(workingDirectory, named));
  } catch (error) {
    throw new SyngraphError({ code: 'USAGE', message: `the rules in ${file} cannot be read: ${reasonOf(error)}`, nextStep: 'Name a YAML or JSON file with a mapping of rules, e.g. lexical_diversity: { min_ttr: 0.25 }.' });
  }
  const { source, value, diagnostics } = readYaml({ file, content });
  if (hasErrors(diagnostics)) throw faultyRules(source, diagnostics);
  if (isJsonObject(value)) return { rules: value, source };
  throw new SyngraphError({ code: 'USAGE', message: `${file} holds no mapping of rules`, nextStep: 'Write rules as a quality node has them, e.g. lexical_diversity: { min_ttr: 0.25 }.' });
}

/** What is wrong with the rules, with lines and carets. */
export function faultyRules({ file, text }: YamlSource, diagnostics: readonly Diagnostic[]): SyngraphError {
  return new SyngraphError({
    code: 'USAGE',
    message: `the rules in ${file} cannot be used\n${renderDiagnostics(diagnostics, new Map([[file, text]]))}\n`,
    nextStep: 'docs/quality.md lists the rules, docs/pipeline-format.md their settings.',
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message;
}
