import { isMap, parseDocument, type Document } from 'yaml';
import type { DatasetCardPlan } from '../../pipeline/plan.ts';

/** What a card says of one split of one configuration. */
export interface CardFacts {
  config: string;
  split: string;
  rows: number;
  /** What it was made by and of, in this order. */
  origin: [name: string, value: string][];
  /** What its quality tags say; empty: it has none. */
  quality: [name: string, value: string][];
  settings: DatasetCardPlan;
}

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;

/** The Hub's `size_categories`, by rows below. */
const SIZES: [below: number, name: string][] = [
  [1e3, 'n<1K'], [1e4, '1K<n<10K'], [1e5, '10K<n<100K'], [1e6, '100K<n<1M'], [1e7, '1M<n<10M'], [1e8, '10M<n<100M'], [1e9, '100M<n<1B'],
];

/**
 * The card of a dataset with its front matter and its section about one split as they are now. What
 * else it holds, people's own words above all, stays. A front matter that is no YAML stays as well.
 */
export function describeDataset(card: string, facts: CardFacts): string {
  const match = FRONT_MATTER.exec(card);
  const document = parseDocument(match?.[1] ?? '', { maxAliasCount: 20 } as object);
  const body = withSection(match === null ? card : card.slice(match[0].length), facts);
  if (document.errors.length > 0) return `${match?.[0] ?? ''}${body}`;
  if (!isMap(document.contents)) document.contents = document.createNode({}) as unknown as typeof document.contents;
  setFields(document, facts);
  return `---\n${document.toString()}---\n${body}`;
}

function setFields(document: Document, { settings, rows }: CardFacts): void {
  const { license, licenseName, licenseLink, prettyName, languages, taskCategories, tags = [] } = settings;
  const given: [string, unknown][] = [
    ['license', license], ['license_name', licenseName], ['license_link', licenseLink], ['pretty_name', prettyName], ['language', languages], ['task_categories', taskCategories],
  ];
  for (const [key, value] of given) if (value !== undefined) document.set(key, document.createNode(value));
  const known: unknown = (document.toJS() as Record<string, unknown>).tags;
  const kept = Array.isArray(known) ? known.filter((tag) => typeof tag === 'string') : [];
  document.set('tags', document.createNode([...new Set([...kept, ...tags, 'synthetic', 'syngraph'])]));
  document.set('size_categories', document.createNode([SIZES.find(([below]) => rows < below)?.[1] ?? 'n>1B']));
}

/** Our part of the text stands between comments, which no reader of the card sees. */
function withSection(body: string, { config, split, rows, origin, quality, settings }: CardFacts): string {
  const name = `${config}/${split}`;
  const [begin, end] = [`<!-- syngraph: ${name} -->`, `<!-- syngraph: end of ${name} -->`];
  const section = [
    begin,
    `## ${split === config ? split : `${config}, ${split}`}`,
    '',
    `${rows} rows, made with [Syngraph](https://www.npmjs.com/package/syngraph) by language models. Check them before you train on them.`,
    '',
    ...table('made by', origin),
    ...(quality.length === 0 ? [] : ['', '### Quality', '', ...table('tags', quality)]),
    end,
  ].join('\n');
  const from = body.indexOf(begin);
  const to = body.indexOf(end, from);
  if (from !== -1 && to !== -1) return body.slice(0, from) + section + body.slice(to + end.length);
  const title = body.trim() === '' ? `# ${cell(settings.prettyName ?? 'Dataset')}\n\n${settings.description === undefined ? '' : `${settings.description}\n\n`}` : `${body.trimEnd()}\n\n`;
  return `${title}${section}\n`;
}

function table(title: string, rows: [string, string][]): string[] {
  return [`| ${title} | |`, '| --- | --- |', ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`)];
}

/** Names come from pipelines and data: nothing in them may end a cell, begin a tag or a link. */
function cell(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.slice(0, 300).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[\\`*_[\]|]/g, (character) => `\\${character}`);
}
