import { HubApiError } from '@huggingface/hub';
import { SyngraphError, type SyngraphErrorCode } from '../../pipeline/errors.ts';
import { createHubFetch } from './hub-fetch.ts';

/** What every call to the Hub is given. */
export interface HubAccess {
  hubUrl: string;
  fetch: typeof fetch;
  /** Absent for public datasets. */
  accessToken?: string;
}

export interface HubAccessOptions {
  /** Variable that holds the token; null: HF_TOKEN, then SYGRA_HF_TOKEN, then none. */
  tokenVariable: string | null;
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';

/** @throws SyngraphError SOURCE_INVALID for an address or token that cannot be right */
export function hubAccess({ tokenVariable, environment, signal }: HubAccessOptions): HubAccess {
  const hubUrl = (environment['HF_ENDPOINT'] ?? DEFAULT_ENDPOINT).replace(/\/+$/, '');
  if (!/^https?:\/\/[^/]/.test(hubUrl) || !URL.canParse(hubUrl)) {
    throw new SyngraphError({
      code: 'SOURCE_INVALID',
      message: 'HF_ENDPOINT is not an http or https address.',
      nextStep: `Unset it for ${DEFAULT_ENDPOINT}, or set it to the address of a Hub.`,
    });
  }
  const accessToken = readToken(tokenVariable, environment);
  const access = { hubUrl, fetch: createHubFetch({ hubUrl, ...(signal && { signal }) }) };
  return accessToken === null ? access : { ...access, accessToken };
}

function readToken(tokenVariable: string | null, environment: NodeJS.ProcessEnv): string | null {
  const variables = tokenVariable === null ? ['HF_TOKEN', 'SYGRA_HF_TOKEN'] : [tokenVariable];
  const variable = variables.find((name) => environment[name]?.trim());
  if (variable === undefined) {
    if (tokenVariable === null) return null;
    throw tokenError(
      `The environment variable ${tokenVariable}, which the pipeline names for the Hub's token, is not set.`,
    );
  }
  const token = environment[variable]?.trim() ?? '';
  if (!token.startsWith('hf_')) throw tokenError(`The value of ${variable} is not a Hub token: tokens begin with hf_.`);
  return token;
}

function tokenError(message: string): SyngraphError {
  return new SyngraphError({
    code: 'SOURCE_INVALID',
    message,
    nextStep: 'Make a token in the settings of your Hugging Face account and set the variable to it.',
  });
}

export interface HubFailure {
  error: unknown;
  /** Repository, and file where there is one. */
  name: string;
  /** For failures that are neither a missing repository nor one of ours. */
  code: SyngraphErrorCode;
}

/** What the Hub answered, as an error of ours. Addresses are left out: redirects carry signatures. */
export function hubError({ error, name, code }: HubFailure): unknown {
  if (error instanceof SyngraphError || (error as Error).name === 'AbortError') return error;
  const status = error instanceof HubApiError ? error.statusCode : null;
  if (status === 401 || status === 403) {
    return new SyngraphError({
      code,
      message: `The Hub does not let us use ${name} (HTTP ${status}): it is private or gated, does not exist, or the token lacks the right.`,
      nextStep: 'Set HF_TOKEN to a token with access; for a gated dataset accept its terms on its page first.',
      details: { name, status },
    });
  }
  if (status === 404) {
    return new SyngraphError({
      code: code === 'SINK_FAILED' ? code : 'SOURCE_NOT_FOUND',
      message: `The Hub has no dataset ${name}.`,
      nextStep: 'Correct `repo_id` (owner/name), or set HF_TOKEN if the dataset is private.',
      details: { name, status },
    });
  }
  const said = status === null ? `could not be reached: ${rootMessage(error)}` : `answered HTTP ${status}`;
  return new SyngraphError({
    code,
    message: `The Hub ${said} (for ${name}).`,
    nextStep: 'Check the network and HF_ENDPOINT, then try again.',
    // A Hub that answers with a fault of its own may be well later, too.
    details: { name, status, isUnreachable: true },
    // The client's errors carry addresses, and signed ones give access; only other errors are passed on.
    ...(status === null && { cause: error }),
  });
}

/** fetch says only "fetch failed"; the reason is in its cause. */
function rootMessage(error: unknown): string {
  const cause = (error as Error).cause;
  return cause instanceof Error ? rootMessage(cause) : (error as Error).message;
}
