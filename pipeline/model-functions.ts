import { parseFunctionPath } from './function-path.ts';
import { isJsonObject } from './json.ts';
import { readYaml } from './read-yaml.ts';

/** Modules of functions that models.yaml names, in post_process and structured_output. Faults of the file are reported where it is compiled. */
export function modelModules(models: { file: string; text: string } | null): string[] {
  if (models === null) return [];
  const { value } = readYaml({ file: models.file, content: models.text });
  const entries = isJsonObject(value) ? Object.values(value).filter(isJsonObject) : [];
  const texts = entries.flatMap(({ post_process: process, structured_output: structured }) => [process, isJsonObject(structured) ? structured['schema'] : null]);
  const specifiers = texts.map((text) => (typeof text === 'string' && !text.startsWith('sygra.core.models.') ? parseFunctionPath(text)?.specifier : undefined));
  return [...new Set(specifiers.filter((specifier) => specifier !== undefined))];
}
