import { isMap, isSeq, parse, parseDocument, type Document } from 'yaml';
import { isJsonObject } from '../../pipeline/json.ts';

/** One entry of `configs` in the front matter of a dataset's README.md. */
export interface CardConfig {
  name: string;
  isDefault: boolean;
  dataFiles: { split: string; paths: string[] }[];
}

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;
/** The Hub's own limit is far lower in practice; a larger front matter is not read. */
const MAX_CHARACTERS = 200_000;

/** Which files the dataset's card says its configurations and splits are. Empty where it says nothing readable. */
export function readCardConfigs(card: string): CardConfig[] {
  const yaml = FRONT_MATTER.exec(card)?.[1];
  if (yaml === undefined || yaml.length > MAX_CHARACTERS) return [];
  let content: unknown;
  try {
    content = parse(yaml, { maxAliasCount: 20 });
  } catch {
    // A card is a page for people first; one that is no YAML says nothing about files.
    return [];
  }
  const configs = isJsonObject(content) ? content['configs'] : null;
  return Array.isArray(configs) ? configs.flatMap(cardConfig) : [];
}

function cardConfig(entry: unknown): CardConfig[] {
  if (!isJsonObject(entry) || typeof entry['config_name'] !== 'string') return [];
  return [
    { name: entry['config_name'], isDefault: entry['default'] === true, dataFiles: dataFiles(entry['data_files']) },
  ];
}

function dataFiles(value: unknown): { split: string; paths: string[] }[] {
  if (typeof value === 'string') return [{ split: 'train', paths: [value] }];
  if (!Array.isArray(value)) return [];
  if (value.every((path) => typeof path === 'string')) return [{ split: 'train', paths: value }];
  return value.flatMap((entry) => {
    if (!isJsonObject(entry) || typeof entry['split'] !== 'string') return [];
    const paths = [entry['path']].flat().filter((path) => typeof path === 'string');
    return [{ split: entry['split'], paths }];
  });
}

/** Whether a path of the repository fits a pattern of the card: `*` and `?` within a folder, `**` over folders. */
export function matchesPattern(path: string, pattern: string): boolean {
  const folders = pattern.replace(/^\.\//, '').split('/');
  return fits(path.split('/'), folders, {
    isStar: (folder) => folder === '**',
    isOne: (name, folder) =>
      fits([...name], [...folder], {
        isStar: (sign) => sign === '*',
        isOne: (letter, sign) => sign === '?' || sign === letter,
      }),
  });
}

/**
 * Matching with stars that go back to the last star only: the time is bounded by the product of
 * the lengths, while a regular expression from a hostile pattern could run for ever.
 */
function fits(
  items: string[],
  pattern: string[],
  { isStar, isOne }: { isStar: (sign: string) => boolean; isOne: (item: string, sign: string) => boolean },
): boolean {
  let item = 0;
  let sign = 0;
  let star = -1;
  let starItem = 0;
  while (item < items.length) {
    const wanted = pattern[sign];
    if (wanted !== undefined && isStar(wanted)) {
      star = sign;
      starItem = item;
      sign += 1;
    } else if (wanted !== undefined && isOne(items[item] as string, wanted)) {
      item += 1;
      sign += 1;
    } else if (star >= 0) {
      starItem += 1;
      item = starItem;
      sign = star + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(sign).every(isStar);
}

/** The card with one split of one configuration named in it; everything else stays as it is. */
export function withCardSplit(
  card: string,
  { config, split, path }: { config: string; split: string; path: string },
): string {
  const match = FRONT_MATTER.exec(card);
  const document = parseDocument(match?.[1] ?? '', { maxAliasCount: 20 } as object);
  if (document.errors.length > 0) return card;
  if (!isMap(document.contents)) document.contents = document.createNode({}) as unknown as typeof document.contents;
  setSplit(document, { config, split, path });
  const body = match === null ? card : card.slice(match[0].length);
  return `---\n${document.toString()}---\n${body}`;
}

function setSplit(document: Document, { config, split, path }: { config: string; split: string; path: string }): void {
  if (!isSeq(document.get('configs'))) document.set('configs', document.createNode([]));
  const configs = (document.toJS() as { configs: { config_name?: string; data_files?: unknown }[] }).configs;
  const position = configs.findIndex((entry) => entry?.config_name === config);
  if (position < 0) {
    document.addIn(['configs'], document.createNode({ config_name: config, data_files: [{ split, path }] }));
    return;
  }
  const others = dataFiles(configs[position]?.data_files).filter((entry) => entry.split !== split);
  const files = [
    ...others.map((entry) => ({ split: entry.split, path: entry.paths.length === 1 ? entry.paths[0] : entry.paths })),
    { split, path },
  ];
  document.setIn(['configs', position, 'data_files'], document.createNode(files));
}
