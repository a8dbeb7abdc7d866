import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 100_000;
const THRESHOLD = 0.8;
const GRAPH = `
data_config:
  source: { type: disk, file_path: input.jsonl }
graph_config:
  nodes:
    once: { node_type: deduplicate, field: text, threshold: ${THRESHOLD}, report: pairs.jsonl }
  edges:
    - { from: START, to: once }
    - { from: once, to: END }
output_config:
  output_map:
    id: { from: id }
`;

/** 100,000 texts of about 100 words through a whole run with a node of scope run. */
export async function deduplicate(): Promise<Figure[]> {
  const { lines, similarity } = plant();
  return withScene({ script: {}, records: 0, graph: GRAPH, files: { 'input.jsonl': lines.join('') } }, async (scene) => {
    const result = await scene.run();
    if (result.exitCode !== 0) throw new Error(result.stderr);
    const kept = new Set((await scene.workspace.lines('out.jsonl')).map((line) => (JSON.parse(line) as { id: number }).id));
    const planted = [...similarity.keys()].filter((id) => similarity[id]! >= THRESHOLD);
    const highest = planted.reduce((most, id) => Math.max(most, similarity[id]!), 0);
    const dropped = [...similarity.keys()].filter((id) => !kept.has(id));
    const shareOf = (ids: number[], matches: (id: number) => boolean): number => ids.filter(matches).length / ids.length;
    const recall = shareOf(planted, (id) => !kept.has(id));
    const precision = shareOf(dropped, (id) => similarity[id]! >= THRESHOLD);
    return [
      figure(`recall, ${planted.length} copies planted at Jaccard 0.80 to ${highest.toFixed(2)}`, { measured: recall.toFixed(4), required: '≥ 0.95', met: recall >= 0.95 }),
      figure('precision, with copies at Jaccard 0.4 to 0.8 that must stay', { measured: precision.toFixed(4), required: '≥ 0.99', met: precision >= 0.99 }),
      figure(`${RECORDS} records: peak memory of our processes`, { measured: `${result.peakMegabytes.toFixed(0)} MB`, required: '< 1000 MB', met: result.peakMegabytes < 1000 }),
      figure('wall time of the run, CPU', { measured: `${result.seconds.toFixed(1)} s, ${result.cpuSeconds.toFixed(1)} s`, required: '-', met: true }),
    ];
  });
}

/** Texts, some with a copy in which one stretch of words is another; and of each the Jaccard similarity to what it was copied from. */
function plant(): { lines: string[]; similarity: Float64Array } {
  const random = randomNumbers(20_261_121);
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const pick = <Item>(list: ArrayLike<Item>): Item => list[Math.floor(random() * list.length)]!;
  const vocabulary = Array.from({ length: 20_000 }, () => Array.from({ length: 3 + Math.floor(random() * 7) }, () => pick(letters)).join(''));
  const similarity = new Float64Array(RECORDS);
  const lines: string[] = [];
  const add = (words: string[]): number => lines.push(`${JSON.stringify({ id: lines.length, text: words.join(' ') })}\n`);
  while (lines.length < RECORDS) {
    const words = Array.from({ length: 80 + Math.floor(random() * 40) }, () => pick(vocabulary));
    add(words);
    const kind = random();
    if (kind > 0.5 || lines.length === RECORDS) continue;
    // n shingles, of which a copy changes c, share n - c of n + c: c = n/9 gives 0.8.
    const changedShare = kind < 0.3 ? 1 / 9 : 0.12 + random() * 0.3;
    const changed = Math.max(1, Math.floor((words.length - 2) * changedShare) - 2);
    const start = 2 + Math.floor(random() * (words.length - changed - 4));
    const copy = words.map((word, index) => (index >= start && index < start + changed ? pick(vocabulary) : word));
    similarity[lines.length] = jaccard(shinglesOf(words), shinglesOf(copy));
    add(copy);
  }
  return { lines, similarity };
}

/** By texts, not by hashes as the product has it. */
function shinglesOf(words: string[]): Set<string> {
  return new Set(Array.from({ length: words.length - 2 }, (_, index) => words.slice(index, index + 3).join(' ')));
}

function jaccard(one: Set<string>, other: Set<string>): number {
  const shared = [...one].filter((shingle) => other.has(shingle)).length;
  return shared / (one.size + other.size - shared);
}

/** Lehmer's generator: the same texts on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
