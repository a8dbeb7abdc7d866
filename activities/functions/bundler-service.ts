import { stop } from 'esbuild';

let users = 0;

/** esbuild runs as a child process of 40 MB, which ends here with its last user instead of with our process. */
export async function withBundler<Result>(work: () => Promise<Result>): Promise<Result> {
  users++;
  try {
    return await work();
  } finally {
    if (--users === 0) await stop();
  }
}
