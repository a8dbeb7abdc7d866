import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type * as Sdk from './s3-sdk.ts';

/** The client and the commands it takes: the SDK is loaded when a bucket is first used. */
export interface S3Session {
  client: S3Client;
  sdk: typeof Sdk;
}

/** Tries of a request, with growing delays between them: about ten seconds together. */
const TRIES = 6;

const CONNECT_MILLISECONDS = 5_000;

/** A connection that carries nothing for so long is given up. */
const IDLE_MILLISECONDS = 30_000;

/** Journals of all open batches flush side by side. */
const CONNECTIONS = 256;

/**
 * One client for each endpoint: credentials and connections are shared by all buckets. Region,
 * endpoint and credentials come from where the AWS SDK looks for them (environment, profile, the
 * machine's role). Beside these, AWS_S3_FORCE_PATH_STYLE decides whether the bucket is named in the
 * path; default: yes where AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is set, as most compatible
 * servers want it.
 */
export function openS3Session(environment: NodeJS.ProcessEnv = process.env): Promise<S3Session> {
  const settings = settingsOf(environment);
  const key = JSON.stringify(settings);
  const known = sessions.get(key) ?? load(settings);
  sessions.set(key, known);
  return known;
}

const sessions = new Map<string, Promise<S3Session>>();

function settingsOf(environment: NodeJS.ProcessEnv): Pick<S3ClientConfig, 'endpoint' | 'region' | 'forcePathStyle'> {
  const endpoint = nonEmpty(environment.AWS_ENDPOINT_URL_S3) ?? nonEmpty(environment.AWS_ENDPOINT_URL);
  const region = nonEmpty(environment.AWS_REGION) ?? nonEmpty(environment.AWS_DEFAULT_REGION);
  const pathStyle = nonEmpty(environment.AWS_S3_FORCE_PATH_STYLE);
  return {
    forcePathStyle: pathStyle === undefined ? endpoint !== undefined : /^(1|true|yes)$/i.test(pathStyle),
    // Compatible servers take any region, but the SDK wants one.
    ...(endpoint === undefined ? {} : { endpoint, region: region ?? 'us-east-1' }),
    ...(region === undefined ? {} : { region }),
  };
}

async function load(settings: ReturnType<typeof settingsOf>): Promise<S3Session> {
  // It would warn everybody of versions to come; ours is pinned to one that runs on the Node that we support.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const sdk = await import('./s3-sdk.ts');
  const client = new sdk.S3Client({
    ...settings,
    maxAttempts: TRIES,
    // Newer checksums are unknown to many compatible servers; bodies are signed, or travel over TLS.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MILLISECONDS,
      socketTimeout: IDLE_MILLISECONDS,
      httpAgent: { keepAlive: true, maxSockets: CONNECTIONS },
      httpsAgent: { keepAlive: true, maxSockets: CONNECTIONS },
    },
  });
  return { sdk, client };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
