import type { JsonObject } from '../../pipeline/json.ts';

/** One row as a reader hands it on, or why it could not be read. */
export type SourceRow = { ok: true; row: JsonObject } | { ok: false; message: string; location: string };

/** Rows of a source in their order. Streams: memory does not grow with the source. */
export type RecordSource = AsyncIterable<SourceRow>;

/** What a source was when the run was planned, to notice that it has changed since. */
export interface SourceIdentity {
  /** Path or repository, for messages. */
  name: string;
  /** sha256 of a file's content, or the Hub's commit. */
  version: string;
  bytes: number | null;
  /** When a file was last changed, epoch milliseconds: where size and time are the same, so is the content. */
  modified?: number;
  /** Of joined sources, in the order of the plan's parts. */
  parts?: SourceIdentity[];
}
