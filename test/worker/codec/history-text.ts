/** All texts and bytes in an answer of Temporal's server, one after the other. */
export function visibleText(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('utf8')}\n`;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value).map(([key, inner]) => `${key}\n${visibleText(inner)}`).join('');
}

/** The encodings of all payloads that are no search attributes; one that is not encrypted with its place and content. */
export function encodingsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as { metadata?: Record<string, Uint8Array>; data?: Uint8Array };
  const encoding = metadata?.encoding instanceof Uint8Array ? Buffer.from(metadata.encoding).toString('utf8') : null;
  const own = encoding === null ? [] : [encoding === 'binary/encrypted' ? encoding : `${path}: ${encoding} ${Buffer.from(data ?? []).toString('utf8')}`];
  const inner = Object.entries(value).filter(([key]) => key !== 'searchAttributes' && key !== 'indexedFields').flatMap(([key, each]) => encodingsOf(each, `${path}.${key}`));
  return [...new Set([...own, ...inner])];
}
