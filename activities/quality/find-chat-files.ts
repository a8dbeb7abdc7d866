import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { QualityRulesPlan } from '../../pipeline/quality-rules.ts';
import { findTokenizer } from '../local-models/fetch/find-local-model.ts';
import { LocalModelError } from '../local-models/local-model-error.ts';
import type { NodeWork } from '../nodes/node-work.ts';
import { PauseRun } from '../nodes/pause-run.ts';
import type { ChatFiles } from './quality-protocol.ts';

/** The files that tokens are counted with; fetched first if need be. null: OpenAI's encodings do. @throws PauseRun where they cannot be had */
export async function findChatFiles(work: NodeWork, { conversation_pretokenization: rule }: QualityRulesPlan): Promise<ChatFiles | null> {
  const tokenizer = rule?.tokenizer ?? null;
  const template = rule?.chatTemplate ?? null;
  if (tokenizer === null && template === null) return null;
  const { environment, workingDirectory } = work.dependencies;
  const found = async (path: string): Promise<string | null> => ((await stat(resolve(workingDirectory, path)).catch(() => null)) === null ? null : resolve(workingDirectory, path));
  try {
    const options = { environment, onProgress: (line: string) => void process.stderr.write(`${line}\n`) };
    const folder = tokenizer === null ? null : await findTokenizer((await found(tokenizer)) ?? tokenizer, options);
    const templateFile = template === null ? null : await found(template);
    if (template !== null && templateFile === null) throw new LocalModelError(`there is no chat template ${template}`);
    return { folder, templateFile };
  } catch (error) {
    if (!(error instanceof LocalModelError || error instanceof SyngraphError)) throw error;
    throw new PauseRun({
      code: 'MODEL_MISCONFIGURED',
      message: `the tokenizer ${tokenizer ?? ''} of conversation_pretokenization cannot be used: ${error.message}`,
      nextStep: 'Mend or replace it, or make it reachable; nothing has failed.',
      node: work.name,
    });
  }
}
