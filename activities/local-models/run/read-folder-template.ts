import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../pipeline/json.ts';
import { specialTokensIn, TEMPLATE_FILE, templateIn, type TokenizerFacts } from '../../models/completions/tokenizer-facts.ts';
import { LocalModelError } from '../local-model-error.ts';

const MAXIMUM_BYTES = 256 * 1024;

/** The chat template of a model's folder; null where it has none. Reads synchronously: for threads of their own. @throws LocalModelError */
export function readFolderTemplate(folder: string, configuration: JsonObject): TokenizerFacts | null {
  const template = readTemplateFile(join(folder, TEMPLATE_FILE)) ?? templateIn(configuration);
  return template === null ? null : { template, specialTokens: specialTokensIn(configuration) };
}

/** null where there is no such file. @throws LocalModelError */
export function readTemplateFile(path: string): string | null {
  try {
    if (statSync(path).size > MAXIMUM_BYTES) throw new LocalModelError(`${path} is too large for a chat template`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (error instanceof LocalModelError) throw error;
    throw new LocalModelError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
