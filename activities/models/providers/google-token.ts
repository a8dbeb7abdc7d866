import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import { HttpSender } from '../http-sender.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const DEFAULT_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const LIFETIME_SECONDS = 3600;
/** A token is renewed so long before it ends. */
const MARGIN_MILLISECONDS = 300_000;
const TIMEOUT_MILLISECONDS = 20_000;

/**
 * Access tokens from a service account's key, by Google's OAuth 2.0 for server to server applications: a JWT signed with
 * RS256 is exchanged for a token, which is kept until shortly before it ends. The endpoint's key is the account's JSON, or the path of
 * a file with it; null: it is a token already.
 */
export function createGoogleToken({ model, endpoint, environment }: ModelClientOptions): (() => Promise<string>) | null {
  const account = readAccount(endpoint.key);
  if (account === null) return null;
  let token: Promise<{ value: string; endsAt: number }> | null = null;
  const fail = (kind: 'configuration' | 'passing', what: string): ModelCallError =>
    new ModelCallError({ kind, reason: kind === 'passing' ? 'connection' : 'unauthorized', message: `Model "${model.name}": ${what}` });
  const fetchToken = async (): Promise<{ value: string; endsAt: number }> => {
    const now = Date.now();
    const sender = new HttpSender({ timeoutMilliseconds: TIMEOUT_MILLISECONDS, verifyTls: model.verifyTls, environment });
    try {
      const url = new URL(account.tokenUrl);
      const form = new URLSearchParams({ grant_type: GRANT, assertion: assertionOf(account, now) });
      const { status, body } = await sender.send({
        method: 'POST',
        origin: url.origin,
        path: url.pathname + url.search,
        headers: ['content-type', 'application/x-www-form-urlencoded'],
        body: form.toString(),
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
      const answer = status === 200 ? (JSON.parse(body) as JsonValue) : null;
      if (isJsonObject(answer) && typeof answer.access_token === 'string') {
        const seconds = typeof answer.expires_in === 'number' ? answer.expires_in : LIFETIME_SECONDS;
        return { value: answer.access_token, endsAt: now + seconds * 1000 };
      }
      throw fail(status >= 500 || status === 429 ? 'passing' : 'configuration', `${url.origin} answered ${status} to the service account of ${endpoint.keyVariable}; mend it and resume the run.`);
    } catch (error) {
      if (error instanceof ModelCallError) throw error;
      throw fail('passing', `no access token: ${account.tokenUrl} cannot be reached.`);
    } finally {
      await sender.close();
    }
  };
  return async () => {
    const current = await token?.catch(() => null);
    if (current == null || current.endsAt - MARGIN_MILLISECONDS < Date.now()) token = fetchToken();
    return (await (token as Promise<{ value: string }>)).value;
  };
}

interface Account {
  email: string;
  privateKey: string;
  tokenUrl: string;
}

/** null: not a service account's key. */
function readAccount(key: string | null): Account | null {
  if (key === null) return null;
  const text = key.startsWith('{') ? key : readIfFile(key);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as JsonObject;
    if (typeof value.client_email !== 'string' || typeof value.private_key !== 'string') return null;
    const tokenUrl = typeof value.token_uri === 'string' ? value.token_uri : DEFAULT_TOKEN_URL;
    return { email: value.client_email, privateKey: value.private_key.replaceAll('\\n', '\n'), tokenUrl };
  } catch {
    // Not JSON: a token.
    return null;
  }
}

function readIfFile(path: string): string | null {
  if (!path.endsWith('.json')) return null;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Sent as it is, the endpoint refuses it and the message names its variable.
    return null;
  }
}

/** RFC 7523: what the account asks for, signed. */
function assertionOf({ email, privateKey, tokenUrl }: Account, now: number): string {
  const issuedAt = Math.floor(now / 1000);
  const claims = { iss: email, scope: SCOPE, aud: tokenUrl, iat: issuedAt, exp: issuedAt + LIFETIME_SECONDS };
  const unsigned = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(privateKey).toString('base64url')}`;
}
