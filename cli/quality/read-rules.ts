import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';

/** The file that `--rules` names. @throws SyngraphError USAGE */
export function readRules(file: string): JsonObject {
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 });
  } catch (error) {
    throw new SyngraphError({ code: 'USAGE', message: `the rules in ${file} cannot be read: ${reasonOf(error)}`, nextStep: 'Name a YAML or JSON file with a mapping of rules, e.g. lexical_diversity: { min_ttr: 0.25 }.' });
  }
  if (isJsonObject(value)) return value;
  throw new SyngraphError({ code: 'USAGE', message: `${file} holds no mapping of rules`, nextStep: 'Write rules as a quality node has them, e.g. lexical_diversity: { min_ttr: 0.25 }.' });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message;
}
