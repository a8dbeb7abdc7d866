import { createHash } from 'node:crypto';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';

/** A file of requests, and the batch that was made of it. */
export interface BatchFile {
  /** Number of the file; its requests are in `<name>.jsonl`. */
  name: string;
  requests: number;
  /** How often what is in it has come back unanswered. */
  round: number;
  /** Raised where the provider has refused the batch as a whole, so that the next one is another. */
  attempt: number;
  /** The provider may have the batch: it is looked for before another one is made. */
  isSubmitting: boolean;
  batch: string | null;
  /** Epoch milliseconds; 0 before. */
  submittedAt: number;
  isCollected: boolean;
}

/** `ledger.json`: written first when all requests are gathered, and whenever something has become of one of its files. */
export interface BatchLedger {
  files: BatchFile[];
}

export function batchesFolder(runFolder: string, { node, phase }: { node: string; phase: number }): string {
  return `${runFolder}/provider-batches/${encodeURIComponent(node)}/${phase}`;
}

export function requestsKey(folder: string, name: string): string {
  return `${folder}/${name}.jsonl`;
}

export function newFile(number: number, { requests, round }: { requests: number; round: number }): BatchFile {
  return { name: String(number).padStart(4, '0'), requests, round, attempt: 0, isSubmitting: false, batch: null, submittedAt: 0, isCollected: false };
}

export function readLedger(store: Store, folder: string): Promise<BatchLedger | null> {
  return readJson<BatchLedger>(store, `${folder}/ledger.json`);
}

export async function writeLedger(store: Store, folder: string, ledger: BatchLedger): Promise<void> {
  await store.write(`${folder}/ledger.json`, JSON.stringify(ledger));
}

/** What the batch of a file carries in its metadata, so that it is found again: no two files of any run have the same. */
export function markOf(options: { folder: string; createdAt: string; file: BatchFile; content: Uint8Array }): string {
  const { folder, createdAt, file, content } = options;
  return createHash('sha256').update(JSON.stringify([folder, createdAt, file.name, file.attempt])).update(content).digest('hex').slice(0, 32);
}
