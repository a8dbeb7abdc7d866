import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { ModelCallError } from '../model-call-error.ts';
import { specialTokensIn, TEMPLATE_FILE, templateIn, type TokenizerFacts } from './tokenizer-facts.ts';

export interface ReadTokenizer {
  /** A folder, or a repository on the Hub. */
  name: string;
  /** For messages. */
  model: string;
  environment: NodeJS.ProcessEnv;
}

const CONFIGURATION = 'tokenizer_config.json';
const MAXIMUM_FILE_BYTES = 8 * 1024 * 1024;
const MAXIMUM_TEMPLATE_CHARACTERS = 256 * 1024;

/**
 * The chat template of a tokenizer.
 * @throws ModelCallError of kind `configuration` where there is none, `passing` where the Hub does not answer
 */
export async function readTokenizer(options: ReadTokenizer): Promise<TokenizerFacts> {
  const read = (await isFolder(options.name)) ? fileIn(options) : await fileOnHub(options);
  const [text, own] = [await read(CONFIGURATION), await read(TEMPLATE_FILE)];
  const configuration = text === null ? {} : parse(text, options);
  const template = own ?? templateIn(configuration);
  if (template === null) throw failure(options, `${options.name} has no chat template`);
  if (template.length > MAXIMUM_TEMPLATE_CHARACTERS) throw failure(options, `the chat template of ${options.name} is too large`);
  return { template, specialTokens: specialTokensIn(configuration) };
}

type Read = (file: string) => Promise<string | null>;

function fileIn(options: ReadTokenizer): Read {
  return async (file) => {
    const handle = await open(join(options.name, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw failure(options, `${file} of ${options.name} cannot be read (${error.code ?? error.message})`);
    });
    if (handle === null) return null;
    try {
      if ((await handle.stat()).size > MAXIMUM_FILE_BYTES) throw failure(options, `${file} of ${options.name} is too large`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  };
}

async function fileOnHub(options: ReadTokenizer): Promise<Read> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(options.name)) throw failure(options, `${options.name} is neither a folder nor a repository such as owner/name`);
  const { hubAccess } = await import('../../data/hub-access.ts');
  const access = (() => {
    try {
      return hubAccess({ tokenVariable: null, environment: options.environment });
    } catch (error) {
      if (error instanceof SyngraphError) throw failure(options, error.message);
      throw error;
    }
  })();
  const headers = access.accessToken === undefined ? {} : { authorization: `Bearer ${access.accessToken}` };
  return async (file) => {
    let response: Response;
    try {
      response = await access.fetch(`${access.hubUrl}/${options.name}/resolve/main/${file}`, { headers });
    } catch {
      throw new ModelCallError({ kind: 'passing', reason: 'connection', message: `Model "${options.model}": the Hub could not be reached for the chat template of ${options.name}.` });
    }
    if (response.status === 404) return null;
    if (!response.ok) {
      await response.body?.cancel();
      const hint = response.status === 401 || response.status === 403 ? ': set HF_TOKEN to a token with access' : '';
      throw failure(options, `the Hub answered ${response.status} for ${file} of ${options.name}${hint}`);
    }
    return readBounded(response, () => failure(options, `${file} of ${options.name} is too large`));
  };
}

async function readBounded(response: Response, tooLarge: () => Error): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAXIMUM_FILE_BYTES) throw tooLarge();
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, options: ReadTokenizer): JsonObject {
  try {
    const value = JSON.parse(text) as JsonValue;
    if (isJsonObject(value)) return value;
  } catch {
    // Told below, as any other file that is none.
  }
  throw failure(options, `${CONFIGURATION} of ${options.name} is not a JSON object`);
}

async function isFolder(name: string): Promise<boolean> {
  return (await stat(name).catch(() => null))?.isDirectory() === true;
}

function failure({ model }: ReadTokenizer, what: string): ModelCallError {
  return new ModelCallError({ kind: 'configuration', reason: 'rejected', message: `Model "${model}": ${what}; see hf_chat_template_model_id.` });
}
