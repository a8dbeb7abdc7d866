import { SyngraphError, type SyngraphErrorCode } from '../../../pipeline/errors.ts';

/** What went wrong with one request. */
export class ServiceNowFailure extends Error {
  override readonly name = 'ServiceNowFailure';
  /** null: there was no answer. */
  readonly status: number | null;
  /** The request may have been carried out although nothing says so. */
  readonly uncertain: boolean;

  constructor(message: string, { status, uncertain, cause }: { status: number | null; uncertain: boolean; cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.uncertain = uncertain;
  }

  /** The fault lies with this one row, and others may be taken. */
  get isOfRow(): boolean {
    return this.status !== null && [400, 404, 409, 413, 422].includes(this.status);
  }
}

/** As an error of ours; anything else is passed through. */
export function serviceNowError(error: unknown, { table, code }: { table: string; code: SyngraphErrorCode }): unknown {
  if (!(error instanceof ServiceNowFailure)) return error;
  const { status } = error;
  return new SyngraphError({
    code,
    message: `The ServiceNow table ${table}: ${error.message}.`,
    nextStep: nextStep(status),
    details: { table, status },
    cause: error.cause,
  });
}

function nextStep(status: number | null): string {
  if (status === null) return 'Check SNOW_INSTANCE, the network and the proxy, then try again.';
  if (status === 401) return 'Check SNOW_USERNAME and SNOW_PASSWORD, and the client where OAuth is used.';
  if (status === 403) return 'Give the user a role that may use this table through the REST API.';
  if (status === 404) return 'Correct `table`.';
  if (status === 400) return 'Correct `query`, `filters`, `fields` or the names of output columns.';
  return 'Try again later; what was written already is not written again.';
}
