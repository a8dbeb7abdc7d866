/** What the thread that decodes Parquet and its owner tell each other. */

export interface ParquetThreadData {
  /** Size of the file. */
  bytes: number;
  /** Rows of a batch. */
  batchRows: number;
}

export type FromParquetThread =
  /** Asks for bytes of the file. */
  | { kind: 'range'; id: number; start: number; end: number }
  /** An Arrow IPC stream without rows. Comes first. */
  | { kind: 'schema'; ipc: Uint8Array }
  /** Some rows as an Arrow IPC stream; the next follow when they are asked for. */
  | { kind: 'batch'; ipc: Uint8Array }
  | { kind: 'end' }
  | { kind: 'error'; message: string };

export type ToParquetThread =
  | { kind: 'bytes'; id: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'unreadable'; id: number; message: string }
  | { kind: 'next' };
