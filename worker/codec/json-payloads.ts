import type { Payload } from '@temporalio/common';

/** A payload in proto3 JSON: bytes are base64. */
interface JsonPayload {
  metadata?: Record<string, string>;
  data?: string;
}

const MOST_PAYLOADS = 100_000;

/** Reads the body of a request to a codec server; null where it is none. */
export function parseJsonPayloads(text: string): Payload[] | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // What is wrong with it does not matter to the answer.
    return null;
  }
  const payloads = (body as { payloads?: unknown } | null)?.payloads;
  if (!Array.isArray(payloads) || payloads.length > MOST_PAYLOADS || !payloads.every(isJsonPayload)) return null;
  return payloads.map(({ metadata = {}, data = '' }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
    data: Buffer.from(data, 'base64'),
  }));
}

export function renderJsonPayloads(payloads: Payload[]): JsonPayload[] {
  return payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, base64(value)])),
    data: base64(data ?? new Uint8Array()),
  }));
}

function isJsonPayload(value: unknown): value is JsonPayload {
  if (typeof value !== 'object' || value === null) return false;
  const { metadata = {}, data = '' } = value as Record<string, unknown>;
  return typeof data === 'string' && typeof metadata === 'object' && metadata !== null && Object.values(metadata).every((each) => typeof each === 'string');
}

function base64(bytes: Uint8Array): string {
  // Where a payload has none, protobuf's default is a plain list.
  return Buffer.from(bytes).toString('base64');
}
