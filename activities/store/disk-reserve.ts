import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFull } from './store-error.ts';

/** Some hundred answers of models. */
export const RESERVE_BYTES = 4 * 1024 * 1024;

/** Not `.tmp-…`: it stays from one process to the next. */
export const RESERVE_KEY = 'reserve';

/**
 * Room on the store's disk that is given up once the disk is full, so that calls which are in
 * flight then, and are paid for, can still be written down. Nothing new is begun without it.
 */
export class DiskReserve {
  readonly #path: string;
  #taking: Promise<void> | null = null;
  #isSpent = false;

  constructor(folder: string) {
    this.#path = join(folder, RESERVE_KEY);
  }

  /** The disk was found full, and has not been found otherwise since. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Takes the room, or finds it taken. @throws ENOSPC */
  take(): Promise<void> {
    const taking = (this.#taking ??= this.#take());
    taking.catch(() => {
      if (this.#taking === taking) this.#taking = null;
    });
    return taking;
  }

  /** Gives the room back. Synchronous, as appends are. */
  spend(): void {
    this.#isSpent = true;
    this.#taking = null;
    rmSync(this.#path, { force: true });
  }

  async #take(): Promise<void> {
    const known = await stat(this.#path).catch(() => null);
    if (known?.size === RESERVE_BYTES) return;
    try {
      await this.#assertRoom();
      // Bytes that no file system can store as fewer.
      await writeFile(this.#path, randomBytes(RESERVE_BYTES));
    } catch (error) {
      if (isFull(error)) this.spend();
      throw error;
    }
    this.#isSpent = false;
  }

  /** Tried without room for it, the reserve would for a moment take what calls in flight are to be written into. */
  async #assertRoom(): Promise<void> {
    const { bavail, bsize } = await statfs(dirname(this.#path));
    if (bavail * bsize >= 2 * RESERVE_BYTES) return;
    throw Object.assign(new Error(`ENOSPC: less than ${(2 * RESERVE_BYTES) / 1024 / 1024} MB are left on the disk`), { code: 'ENOSPC' });
  }
}
