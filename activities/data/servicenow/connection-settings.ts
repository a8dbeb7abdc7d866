import { SyngraphError, type SyngraphErrorCode } from '../../../pipeline/errors.ts';
import type { ServiceNowConnectionPlan, SettingPlan } from '../../../pipeline/plan.ts';

/** A connection with its values: in memory only, never in a file or a message. */
export interface ConnectionSettings {
  /** Without a slash at the end. */
  url: string;
  username: string;
  password: string;
  /** null: basic authentication. */
  oauth: { clientId: string; clientSecret: string } | null;
  proxy: string | null;
  verifyTls: boolean;
  /** Path of a PEM file. */
  certificate: string | null;
  autoRetry: boolean;
}

export interface SettingsOptions {
  connection: ServiceNowConnectionPlan;
  environment: NodeJS.ProcessEnv;
  /** Of errors: SOURCE_INVALID or SINK_FAILED. */
  code: SyngraphErrorCode;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** @throws SyngraphError where a variable is not set or the instance cannot be an address */
export function connectionSettings({ connection, environment, code }: SettingsOptions): ConnectionSettings {
  const read = (setting: SettingPlan): string => {
    if ('value' in setting) return setting.value;
    const value = environment[setting.variable]?.trim();
    if (value) return value;
    throw new SyngraphError({
      code,
      message: `The environment variable ${setting.variable}, which the connection to ServiceNow needs, is not set.`,
      nextStep: 'Set SNOW_INSTANCE, SNOW_USERNAME and SNOW_PASSWORD, or the variables that the pipeline names instead.',
    });
  };
  const optional = (setting: SettingPlan): string | null =>
    'value' in setting || environment[setting.variable]?.trim() ? read(setting) : null;
  const clientId = optional(connection.clientId);
  const clientSecret = optional({ variable: connection.clientSecretVariable });
  const url = instanceUrl(read(connection.instance), code);
  const isLocal = LOOPBACK.test(new URL(url).hostname);
  const { https_proxy, HTTPS_PROXY } = environment;
  return {
    url,
    username: read(connection.username),
    password: read({ variable: connection.passwordVariable }),
    oauth: clientId === null || clientSecret === null ? null : { clientId, clientSecret },
    proxy: connection.proxy === null ? (isLocal ? null : (https_proxy ?? HTTPS_PROXY ?? null)) : read(connection.proxy),
    verifyTls: connection.verifyTls,
    certificate: connection.certificate,
    autoRetry: connection.autoRetry,
  };
}

/** `dev00000`, `dev00000.service-now.com` or a url. Passwords travel encrypted, except to this machine. */
function instanceUrl(instance: string, code: SyngraphErrorCode): string {
  const text = instance.replace(/\/+$/, '');
  if (/^[A-Za-z0-9-]+$/.test(text)) return `https://${text}.service-now.com`;
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url !== null && isSafe && url.username === '' && url.password === '' && url.search === '') return address;
  throw new SyngraphError({
    code,
    message: 'The ServiceNow instance is neither a name nor an https address.',
    nextStep: 'Write its name, such as dev00000, or https://dev00000.service-now.com, without user and password.',
  });
}
