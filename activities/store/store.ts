import type { Readable, Writable } from 'node:stream';

/**
 * Where plans, record states, journals and outputs live. Keys are relative paths with `/`.
 * The folder store is the only one today; the interface holds what an object store can do too.
 */
export interface Store {
  /** For messages. */
  readonly location: string;
  /** Whole object at once or not at all: readers never see half of it. */
  write(key: string, content: string | Uint8Array): Promise<void>;
  /** null where there is none. */
  read(key: string): Promise<Buffer | null>;
  /** Bytes from offset; fewer at the object's end. null where there is none. */
  readRange(key: string, offset: number, length: number): Promise<Buffer | null>;
  size(key: string): Promise<number | null>;
  openRead(key: string): Readable;
  /** Streamed; appears under its key when the stream has finished. */
  openWrite(key: string): Writable;
  /** For one writer only. What was appended is readable soon after, and survives the death of the process. */
  openAppend(key: string): Promise<AppendFile>;
  /** Keys under a folder ('' is the root), in no order; not recursive: folders inside it end in `/`. Empty where there is none. */
  list(folder: string): Promise<string[]>;
  /** One object; it need not exist. */
  remove(key: string): Promise<void>;
  /** A path that other processes and threads can open, for code that must be a file. */
  localPath(key: string): Promise<string>;
}

export interface AppendFile {
  /** Resolves once the operating system has the bytes. */
  append(text: string): Promise<void>;
  close(): Promise<void>;
}
