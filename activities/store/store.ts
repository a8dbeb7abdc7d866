import type { Readable, Writable } from 'node:stream';

/**
 * Where plans, record states, journals and outputs live: a folder, or a bucket of S3-compatible
 * storage when workers are on several machines. Keys are relative paths with `/`.
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
  /**
   * For one writer and a key that nobody has written before. What was appended is readable at once
   * (folder) or about a second later (bucket), and survives the death of the process from then on.
   * Until the file is closed a bucket holds it as several keys, `<name>~<number><extension>`:
   * readers list the folder and read what they find in the order of its names.
   */
  openAppend(key: string): Promise<AppendFile>;
  /** Keys under a folder ('' is the root), in no order; not recursive: folders inside it end in `/`. Empty where there is none. */
  list(folder: string): Promise<string[]>;
  /** All keys below a folder ('' is the root), however deep, in no order, with their sizes and the times of their last write (epoch milliseconds). */
  entries(folder: string): AsyncIterable<StoreEntry>;
  /** One object; it need not exist. */
  remove(key: string): Promise<void>;
  /** Everything below a folder, and what is left of files that were never finished in it. */
  removeFolder(folder: string): Promise<void>;
  /** A path that other processes and threads can open, for code that must be a file. Not for writing. */
  localPath(key: string): Promise<string>;
  /** Puts a copy at a local path whose folder exists; an older file stays. It may share its bytes with the store. */
  copyTo(key: string, path: string): Promise<void>;
}

export interface StoreEntry {
  key: string;
  bytes: number;
  modified: number;
}

export interface AppendFile {
  /**
   * A folder has the bytes when it resolves. A bucket takes them and flushes them within about a
   * second; while that fails, it resolves once it succeeds again. Rejects when nothing more can be kept.
   */
  append(text: string): Promise<void>;
  /** Resolves once everything appended so far survives the death of this process. */
  flush(): Promise<void>;
  /** What was appended cannot be kept right now: nothing that costs money should be begun. */
  readonly isStalled: boolean;
  /** Resolves when it is no longer stalled, rejects when nothing more can be kept. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
