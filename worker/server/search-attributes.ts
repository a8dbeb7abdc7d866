import type { Connection } from '@temporalio/client';
import { SyngraphError } from '../../pipeline/errors.ts';
import { readEmbeddedSettings } from './embedded-settings.ts';

/** By their numbers in Temporal's API (temporal.api.enums.v1.IndexedValueType), not imported from @temporalio/proto because that takes 0.1 s to load. */
const ATTRIBUTE_TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];

interface ServerOfAttributes {
  connection: Connection;
  address: string;
  namespace: string;
}

/** Our search attributes that the namespace lacks, or has with another type, with the type they need. */
export async function missingSearchAttributes({ connection, namespace }: ServerOfAttributes): Promise<Record<string, string>> {
  const wanted = (await readEmbeddedSettings()).searchAttributes;
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.fromEntries(Object.entries(wanted).filter(([name, type]) => Number(customAttributes[name]) !== attributeType(type)));
}

/** For a server of our own. */
export async function addSearchAttributes(server: ServerOfAttributes, attributes: Record<string, string>): Promise<void> {
  if (Object.keys(attributes).length === 0) return;
  await server.connection.operatorService.addSearchAttributes({
    namespace: server.namespace,
    searchAttributes: Object.fromEntries(Object.entries(attributes).map(([name, type]) => [name, attributeType(type)])),
  });
}

/**
 * For a server that is somebody else's: a start with an unknown search attribute fails there, so
 * it is told before the first start, with the command that mends it.
 */
export async function requireSearchAttributes(server: ServerOfAttributes): Promise<void> {
  const missing = Object.entries(await missingSearchAttributes(server));
  if (missing.length === 0) return;
  const flags = missing.map(([name, type]) => `--name ${name} --type ${type}`).join(' ');
  throw new SyngraphError({
    code: 'SERVER_INCOMPATIBLE',
    message: `namespace ${server.namespace} on ${server.address} lacks search attributes: ${missing.map(([name]) => name).join(', ')}`,
    nextStep: `Add them once: temporal operator search-attribute create --address ${server.address} --namespace ${server.namespace} ${flags}`,
  });
}

function attributeType(type: string): number {
  const number = ATTRIBUTE_TYPES.indexOf(type);
  if (number < 1) throw new Error(`temporal-dev.yml: ${type} is no type of search attribute; allowed are ${ATTRIBUTE_TYPES.slice(1).join(', ')}`);
  return number;
}
