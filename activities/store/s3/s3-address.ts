import { SyngraphError } from '../../../pipeline/errors.ts';

/** A place in a bucket. */
export interface S3Address {
  bucket: string;
  /** Without slashes at its ends; '' is the whole bucket. */
  prefix: string;
}

const SCHEME = 's3://';

export function isS3Address(text: string): boolean {
  return text.toLowerCase().startsWith(SCHEME);
}

/** Reads `s3://bucket/prefix`. @throws SyngraphError USAGE */
export function parseS3Address(text: string): S3Address {
  const [bucket = '', ...segments] = text.slice(SCHEME.length).replace(/\/+$/, '').split('/');
  const valid = isS3Address(text) && /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket) && segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[\0\\]/.test(segment));
  if (valid) return { bucket, prefix: segments.join('/') };
  throw new SyngraphError({
    code: 'USAGE',
    message: `${JSON.stringify(text)} names no place in a bucket`,
    nextStep: 'Write it as s3://bucket/prefix; the prefix may have several parts, none of them empty, "." or "..".',
  });
}

export function formatS3Address({ bucket, prefix }: S3Address): string {
  return prefix === '' ? `${SCHEME}${bucket}` : `${SCHEME}${bucket}/${prefix}`;
}
