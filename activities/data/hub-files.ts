import { SyngraphError } from '../../pipeline/errors.ts';
import type { FileFormat } from '../../pipeline/plan.ts';
import { matchesPattern, type CardConfig } from './hub-card.ts';

/** One data file of a dataset. */
export interface HubFile {
  path: string;
  format: FileFormat;
}

export interface HubFileWants {
  repoId: string;
  configName: string | null;
  split: string;
}

const FORMATS: Record<string, FileFormat> = {
  parquet: 'parquet',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
};

/** Names that people give to the same split, as the datasets library takes them. */
const SPLIT_NAMES: Record<string, string[]> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

/**
 * Files of a split in the layout of the branch `refs/convert/parquet`: `<config>/<split>/0000.parquet`.
 * Splits that the Hub converted in part (`partial-<split>`) do not count. null: this branch has none.
 */
export function convertedFiles(paths: string[], { configName, split }: HubFileWants): HubFile[] | null {
  const configs = [
    ...new Set(paths.filter((path) => path.split('/').length === 3).map((path) => path.split('/')[0] as string)),
  ];
  const config =
    configName ?? (configs.includes('default') ? 'default' : configs.length === 1 ? configs[0] : undefined);
  const files = paths.filter((path) => path.startsWith(`${config}/${split}/`) && path.endsWith('.parquet'));
  return files.length > 0 ? asFiles(files) : null;
}

/**
 * Files of a split in the repository itself: those that the card names, else those whose folder or
 * name says the split (`data/train-00000-of-00001.parquet`, `train.jsonl`), else, for `train`, all.
 * One format: Parquet before JSONL, JSON and CSV. null: none.
 */
export function repositoryFiles(paths: string[], wants: HubFileWants & { card: CardConfig[] }): HubFile[] | null {
  const data = paths.filter((path) => formatOf(path) !== null && !path.split('/').some((part) => part.startsWith('.')));
  const files = filesOfCard(data, wants) ?? filesByName(data, wants);
  return files.length > 0 ? oneFormat(files) : null;
}

function filesOfCard(
  paths: string[],
  { repoId, card, configName, split }: HubFileWants & { card: CardConfig[] },
): string[] | null {
  const withFiles = card.filter((config) => config.dataFiles.length > 0);
  if (withFiles.length === 0) return null;
  const config = chooseConfig(withFiles, configName);
  if (config === undefined)
    throw unknownChoice({ repoId, what: 'config_name', asked: configName, known: withFiles.map(({ name }) => name) });
  const entry = config.dataFiles.find((candidate) => candidate.split === split);
  if (entry === undefined)
    throw unknownChoice({ repoId, what: 'split', asked: split, known: config.dataFiles.map((files) => files.split) });
  return paths.filter((path) => entry.paths.some((pattern) => matchesPattern(path, pattern)));
}

function chooseConfig(configs: CardConfig[], name: string | null): CardConfig | undefined {
  if (name !== null) return configs.find((config) => config.name === name);
  return (
    configs.find((config) => config.isDefault) ??
    configs.find((config) => config.name === 'default') ??
    (configs.length === 1 ? configs[0] : undefined)
  );
}

function filesByName(paths: string[], { configName, split }: HubFileWants): string[] {
  const scope =
    configName === null || configName === 'default' ? paths : paths.filter((path) => path.startsWith(`${configName}/`));
  const named = scope.filter((path) => namesSplit(path, split));
  if (named.length > 0 || split !== 'train') return named;
  const anyNamed = scope.some((path) => Object.keys(SPLIT_NAMES).some((name) => namesSplit(path, name)));
  return anyNamed ? [] : scope;
}

function namesSplit(path: string, split: string): boolean {
  const words = path.toLowerCase().split(/[/._\- ]/);
  const plain = path.toLowerCase().replace(/\.[^.]*$/, '');
  return (SPLIT_NAMES[split] ?? [split.toLowerCase()]).some(
    (name) =>
      words.includes(name) ||
      plain.split('/').includes(name) ||
      new RegExp(`(?:^|/)${escape(name)}-\\d{5}-of-\\d{5}$`).test(plain),
  );
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function formatOf(path: string): FileFormat | null {
  return FORMATS[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

function oneFormat(paths: string[]): HubFile[] {
  const files = asFiles(paths);
  const format = (['parquet', 'jsonl', 'json', 'csv'] as const).find((each) =>
    files.some((file) => file.format === each),
  );
  return files.filter((file) => file.format === format);
}

function asFiles(paths: string[]): HubFile[] {
  // Plain comparison of code units: shards are zero-padded, and the order must not hang on a locale.
  return [...paths].sort().map((path) => ({ path, format: formatOf(path) ?? 'parquet' }));
}

export function unknownChoice(choice: {
  repoId: string;
  what: 'config_name' | 'split';
  asked: string | null;
  known: string[];
}): SyngraphError {
  const { repoId, what, asked, known } = choice;
  const list = known.length > 0 ? `it has ${known.slice(0, 30).join(', ')}` : 'no data files were found for it';
  return new SyngraphError({
    code: 'SOURCE_NOT_FOUND',
    message:
      asked === null
        ? `The dataset ${repoId} needs a ${what}: ${list}.`
        : `The dataset ${repoId} has no ${what} '${asked}': ${list}.`,
    nextStep: `Set \`${what}\` of the source to one that the dataset has.`,
    details: { repository: repoId },
  });
}
