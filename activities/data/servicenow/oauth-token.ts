import type { JsonObject } from '../../../pipeline/json.ts';
import { ServiceNowFailure } from './servicenow-failure.ts';

export interface OauthTokenOptions {
  clientId: string;
  clientSecret: string;
  username: string;
  password: string;
  /** Sends a form to the token endpoint. */
  post: (form: Record<string, string>) => Promise<JsonObject>;
}

/** Before a token ends it is renewed, so that it does not end on its way. */
const MARGIN_MILLISECONDS = 30_000;
const DEFAULT_LIFETIME_SECONDS = 1800;

/** The access token of OAuth's password grant, renewed by its refresh token as long as that is taken. */
export class OauthToken {
  readonly #options: OauthTokenOptions;
  #current: { token: string; expires: number } | null = null;
  #refreshToken: string | null = null;
  /** One request at a time, whoever asks. */
  #asking: Promise<string> | null = null;

  constructor(options: OauthTokenOptions) {
    this.#options = options;
  }

  async value(): Promise<string> {
    if (this.#current !== null && Date.now() < this.#current.expires) return this.#current.token;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** The instance no longer takes it. */
  expire(): void {
    this.#current = null;
  }

  async #ask(): Promise<string> {
    const { clientId, clientSecret, username, password, post } = this.#options;
    const client = { client_id: clientId, client_secret: clientSecret };
    const refreshToken = this.#refreshToken;
    this.#refreshToken = null;
    const renewed =
      refreshToken === null
        ? null
        : await post({ grant_type: 'refresh_token', refresh_token: refreshToken, ...client }).catch(passOver);
    const answer = renewed ?? (await post({ grant_type: 'password', username, password, ...client }));
    const { access_token: token, refresh_token: next, expires_in: lifetime } = answer;
    if (typeof token !== 'string') {
      throw new ServiceNowFailure('OAuth answered without an access token', { status: 401, uncertain: false });
    }
    if (typeof next === 'string') this.#refreshToken = next;
    const seconds = Number(lifetime ?? DEFAULT_LIFETIME_SECONDS);
    this.#current = { token, expires: Date.now() + seconds * 1000 - MARGIN_MILLISECONDS };
    return token;
  }
}

/** A refresh token that is no longer taken is no fault: the password still is. */
function passOver(error: unknown): null {
  if (error instanceof ServiceNowFailure && error.status === 401) return null;
  throw error;
}
