import type { Payload } from '@temporalio/common';
// Its names cannot be told from its text, so that Node has them under `default` alone.
import proto from '@temporalio/proto';

const { Payload: PayloadType } = proto.temporal.api.common.v1;

/** A payload in protobuf's wire format, metadata included. */
export function encodePayload(payload: Payload): Uint8Array {
  return PayloadType.encode(payload).finish();
}

export function decodePayload(bytes: Uint8Array): Payload {
  return PayloadType.decode(bytes);
}
