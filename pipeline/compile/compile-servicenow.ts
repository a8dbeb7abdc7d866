import type { JsonObject } from '../json.ts';
import type { ServiceNowConnectionPlan, ServiceNowSinkPlan, ServiceNowSourcePlan, SourcePlanBase } from '../plan.ts';
import type { SinkConfig } from '../schema/sink-schema.ts';
import type { ServiceNowSourceConfig } from '../schema/source-schema.ts';
import { encodeFilters, withOrder } from '../servicenow-query.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { CompileContext } from './compile-context.ts';
import { secretVariable, settingOf } from './source-settings.ts';

const DEFAULT_BATCH_SIZE = 100;

export function compileServiceNowSource(
  context: CompileContext,
  { config, path, base }: { config: ServiceNowSourceConfig; path: YamlPath; base: SourcePlanBase },
): ServiceNowSourcePlan {
  reportBoth(context, config, path);
  const order = { fields: config.order_by ?? [], descending: config.order_desc ?? false };
  return {
    type: 'servicenow',
    connection: compileConnection(context, config, path),
    table: config.table,
    query: withOrder(config.query ?? filterQuery(context, config.filters ?? {}, [...path, 'filters']), order),
    fields: config.fields ?? null,
    limit: config.limit ?? null,
    batchSize: config.batch_size ?? DEFAULT_BATCH_SIZE,
    displayValue: String(config.display_value ?? 'all') as ServiceNowSourcePlan['displayValue'],
    excludeReferenceLink: config.exclude_reference_link ?? true,
    ...base,
  };
}

export function compileServiceNowSink(
  context: CompileContext,
  options: { config: Extract<SinkConfig, { type: 'servicenow' }>; path: YamlPath; alias: string | null },
): ServiceNowSinkPlan {
  const { config, path, alias } = options;
  return {
    type: 'servicenow',
    alias,
    connection: compileConnection(context, config, path),
    table: config.table,
    operation: config.operation ?? 'insert',
    keyField: config.key_field ?? 'sys_id',
    correlationField: config.correlation_field ?? null,
  };
}

/** SyGra asks the query alone where both are there. */
function reportBoth(context: CompileContext, config: ServiceNowSourceConfig, path: YamlPath): void {
  if (!config.query || !config.filters) return;
  context.report({
    code: 'IGNORED_KEY',
    severity: 'warning',
    path: [...path, 'filters'],
    target: { part: 'key' },
    message: '"filters" is passed over where there is a "query"',
    hint: 'Keep one of the two; conditions of a query are joined by ^.',
  });
}

function filterQuery(context: CompileContext, filters: JsonObject, path: YamlPath): string {
  const { query, faults } = encodeFilters(filters);
  for (const { field, message, allowed } of faults) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, field],
      message,
      hint: 'A filter is a value, a list of values, or a mapping with operator and value.',
      ...(allowed === undefined ? {} : { allowed }),
    });
  }
  return query;
}

type ConnectionConfig = Pick<
  ServiceNowSourceConfig,
  | 'instance'
  | 'username'
  | 'password'
  | 'oauth_client_id'
  | 'oauth_client_secret'
  | 'proxy'
  | 'verify_ssl'
  | 'cert'
  | 'auto_retry'
>;

function compileConnection(
  context: CompileContext,
  config: ConnectionConfig,
  path: YamlPath,
): ServiceNowConnectionPlan {
  const secret = (key: 'password' | 'oauth_client_secret', example: string, what: string): string =>
    secretVariable(context, { text: config[key], path: [...path, key], what, example }) ?? example;
  const proxy = config.proxy ? settingOf(config.proxy) : null;
  for (const key of ['instance', 'proxy'] as const) checkAddress(context, config[key], [...path, key]);
  return {
    instance: settingOf(config.instance ?? '$SNOW_INSTANCE'),
    username: settingOf(config.username ?? '$SNOW_USERNAME'),
    passwordVariable: secret('password', 'SNOW_PASSWORD', 'A password'),
    clientId: settingOf(config.oauth_client_id ?? '$SNOW_OAUTH_CLIENT_ID'),
    clientSecretVariable: secret('oauth_client_secret', 'SNOW_OAUTH_CLIENT_SECRET', 'A client secret'),
    proxy,
    verifyTls: config.verify_ssl ?? true,
    certificate: config.cert ?? null,
    autoRetry: config.auto_retry ?? true,
  };
}

/** Addresses are kept in plans, so they must not carry a password. */
function checkAddress(context: CompileContext, text: string | null | undefined, path: YamlPath): void {
  if (!text || !/\/\/[^/]*@/.test(text)) return;
  context.report({
    code: 'SECRET_IN_FILE',
    path,
    message: 'An address with a password must not stand in a file',
    hint: `Put it into the environment and write ${path.at(-1)}: $NAME.`,
  });
}
