import { SyngraphError } from '../../../pipeline/errors.ts';

interface ServiceError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Failures of whoever hands out credentials; they have no status. */
const CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;

const EXPIRED = /^(ExpiredToken|RequestExpired|RequestTimeTooSkewed|TokenRefreshRequired)$/;

/** What a failed request to the bucket means to the user. Errors that are already ours pass. */
export function s3Error(error: unknown, location: string): Error {
  if (error instanceof SyngraphError) return error;
  const fault = (error instanceof Error ? error : new Error(String(error))) as ServiceError;
  const status = fault.$metadata?.httpStatusCode ?? null;
  const details = { location, status, error: fault.name };
  const said = `${fault.name}: ${fault.message.slice(0, 500)}`;
  if (CREDENTIALS.test(fault.name) || EXPIRED.test(fault.name) || status === 401 || status === 403) {
    return new SyngraphError({
      code: 'STORE_DENIED',
      message: `The store ${location} refuses access (${said})`,
      nextStep: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or another source of credentials that the AWS SDK knows, with the right to get, put, list and delete there; then resume.',
      details,
      cause: error,
    });
  }
  if (fault.name === 'NoSuchBucket' || status === 301) {
    return new SyngraphError({
      code: 'STORE_INVALID',
      message: `The store ${location} cannot be used (${said})`,
      nextStep: 'Make the bucket, or correct its name, AWS_REGION and AWS_ENDPOINT_URL_S3.',
      details,
      cause: error,
    });
  }
  if (status !== null && status >= 400 && status < 500 && ![408, 409, 412, 425, 429].includes(status)) {
    return new SyngraphError({ code: 'STORE_INVALID', message: `The store ${location} refuses a request (${said})`, details, cause: error });
  }
  return new SyngraphError({
    code: 'STORE_UNAVAILABLE',
    message: `The store ${location} does not answer (${fault.code ?? said})`,
    nextStep: 'Work on the run goes on once it answers; check the network and AWS_ENDPOINT_URL_S3.',
    details,
    cause: error,
  });
}

/** There is no such object. */
export function isNoSuchKey(error: unknown): boolean {
  const { name, $metadata } = error as ServiceError;
  return name === 'NoSuchKey' || name === 'NotFound' || ($metadata?.httpStatusCode === 404 && name !== 'NoSuchBucket');
}

/** The range that was asked for begins behind the object's end. */
export function isBehindEnd(error: unknown): boolean {
  const { name, $metadata } = error as ServiceError;
  return name === 'InvalidRange' || $metadata?.httpStatusCode === 416;
}
