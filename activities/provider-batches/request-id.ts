/** The `custom_id` of a request: in which batch of the run its record is, and its key in the journal. At most 64 characters. */
export interface RequestId {
  range: number;
  batch: number;
  key: string;
}

export function formatRequestId({ range, batch, key }: RequestId): string {
  return `${range}-${batch}-${key}`;
}

/** null for an id that is none of ours. */
export function parseRequestId(text: unknown): RequestId | null {
  const match = typeof text === 'string' ? /^(\d{1,9})-(\d{1,9})-([0-9a-f]{32})$/.exec(text) : null;
  if (match === null) return null;
  const [, range = '', batch = '', key = ''] = match;
  return { range: Number(range), batch: Number(batch), key };
}
