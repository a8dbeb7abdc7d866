import { embedTexts } from '../../activities/local-models/embed-texts.ts';
import { QUALITY_RULE_NAMES, type QualityRuleName } from '../../pipeline/quality-rules.ts';
import { DEFECTS, EXAM, plantNearDuplicates, plantRecords, type PlantedRecord } from '../../test/quality/planted-records.ts';
import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 10_000;
const PLANTED = 2_000;
/** As many near-duplicates as a rarer defect has records. */
const NEAR = 100;
/** Records that single rules are timed with: the difference to a run without them, which is mostly noise with fewer. */
const TIMED = 4_000;
/** Texts that are embedded. */
const EMBEDDED = 512;

/** What the paper's section 4.1 checks without a model. */
const PAPER: QualityRuleName[] = ['conversation_pretokenization', 'language_tagging', 'conversation_length', 'metadata_tagging', 'lexical_diversity', 'data_characteristics'];
/** Conversations of a shorter run, whose time is taken off: start and end are no part of a throughput. */
const FEW = 1_000;

/** Rules beyond the paper that reject only where they are told to. */
const BEYOND = 'pii: { reject: true }, toxicity: { max: 0.9 }, contamination: { benchmarks: [exam.jsonl] }';

function graphOf(rules: string, near = false): string {
  return `
data_config:
  source: { type: disk, file_path: input.jsonl }
graph_config:
  nodes:
    judge: { node_type: quality, rules: { ${rules} } }
${near ? "    once: { node_type: deduplicate, field: '@conversation', on_duplicate: tag }\n" : ''}  edges:
    - { from: START, to: judge }
    - { from: judge, to: ${near ? 'once' : 'END'} }
${near ? '    - { from: once, to: END }\n' : ''}output_config:
  output_map:
    id: { from: id }
    metadata: { from: metadata }
`;
}

/** Only these rules. */
function onlyRules(...names: QualityRuleName[]): string {
  return QUALITY_RULE_NAMES.filter((name) => !names.includes(name)).map((name) => `${name}: false`).join(', ');
}

interface Row {
  id: number;
  metadata: { quality_characteristics: { heuristic_based: { rejections: { rule: string }[] } } };
}

/** The rules without models over whole runs: their speed on clean conversations, and what they catch. */
export async function quality(): Promise<Figure[]> {
  const records = await plantRecords(2 * RECORDS + PLANTED);
  const clean = records.slice(PLANTED).filter(({ defect }) => defect === 'clean').slice(0, RECORDS);
  const own = records.slice(0, PLANTED);
  const originals = own.filter(({ defect }) => defect === 'clean').slice(0, NEAR);
  const copies = plantNearDuplicates(originals, { firstId: records.length });
  const paper = await throughput(clean, onlyRules(...PAPER));
  const all = await throughput(clean, '');
  const planted = await judge([...own, ...copies], graphOf(BEYOND, true));
  const ruled = (record: PlantedRecord): string[] => planted.rules.get(record.row.id as number) ?? [];
  const shares = Object.entries(DEFECTS).map(([defect, rule]) => {
    const own = records.slice(0, PLANTED).filter((record) => record.defect === defect);
    return { defect, rule, share: own.filter((record) => ruled(record).includes(rule)).length / own.length, count: own.length };
  });
  const harmless = records.slice(0, PLANTED).filter(({ defect }) => defect === 'clean');
  const rejected = harmless.filter((record) => ruled(record).length > 0).length / harmless.length;
  const caughtCopies = copies.filter((record) => ruled(record).includes('near_duplicates')).length / copies.length;
  return [
    figure(`the paper's rules without models (${PAPER.join(', ')}), ${clean.length} conversations of about 250 tokens, start and end of the run left out`, { measured: `${paper.perSecond.toFixed(0)} records/s`, required: '≥ 1500 records/s on 2 cores', met: paper.perSecond >= 1500 }),
    figure('the same with all rules that are on by default', { measured: `${all.perSecond.toFixed(0)} records/s`, required: '-', met: true }),
    figure('wall time and CPU of the whole runs', { measured: `${paper.seconds.toFixed(1)} s, ${paper.cpuSeconds.toFixed(1)} s; ${all.seconds.toFixed(1)} s, ${all.cpuSeconds.toFixed(1)} s`, required: '-', met: true }),
    ...shares.map(({ defect, rule, share, count }) => figure(`${count} records with ${defect.replaceAll('_', ' ')}, caught by ${rule}`, { measured: `${(share * 100).toFixed(1)} %`, required: '≥ 95 %', met: share >= 0.95 })),
    figure(`${copies.length} near-duplicates, caught by near_duplicates`, { measured: `${(caughtCopies * 100).toFixed(1)} %`, required: '≥ 95 %', met: caughtCopies >= 0.95 }),
    ...(await timed(clean.slice(0, TIMED))),
    figure(`${harmless.length} clean records, rejected by any rule`, { measured: `${(rejected * 100).toFixed(1)} %`, required: '≤ 2 %', met: rejected <= 0.02 }),
  ];
}

async function throughput(records: PlantedRecord[], rules: string): Promise<{ perSecond: number; seconds: number; cpuSeconds: number }> {
  const few = await judge(records.slice(0, FEW), graphOf(rules));
  const { seconds, cpuSeconds } = await judge(records, graphOf(rules));
  return { perSecond: (records.length - FEW) / (seconds - few.seconds), seconds, cpuSeconds };
}

/** What the rules beyond the paper add to a run, one by one. */
async function timed(records: PlantedRecord[]): Promise<Figure[]> {
  const base = await judge(records, graphOf(onlyRules('metadata_tagging')));
  const cases: [string, string][] = [
    ['toxicity', graphOf(onlyRules('metadata_tagging', 'toxicity'))],
    ['personal data', graphOf(onlyRules('metadata_tagging', 'pii'))],
    ['contamination', graphOf(`${onlyRules('metadata_tagging', 'contamination')}, contamination: { benchmarks: [exam.jsonl] }`)],
    ['near-duplicates', graphOf(onlyRules('metadata_tagging'), true)],
  ];
  const figures: Figure[] = [];
  for (const [name, graph] of cases) {
    const seconds = Math.max(0, (await judge(records, graph)).cpuSeconds - base.cpuSeconds);
    figures.push(figure(`${name}: CPU that it adds to a run`, { measured: `${((seconds / records.length) * 1e3).toFixed(2)} ms/record`, required: '-', met: true }));
  }
  return [...figures, await embedding(records.slice(0, EMBEDDED))];
}

async function embedding(records: PlantedRecord[]): Promise<Figure> {
  const texts = records.map(({ row }) => JSON.stringify(row.messages));
  const options = { environment: process.env, signal: new AbortController().signal, onProgress: (line: string): void => console.error(line) };
  await embedTexts(texts.slice(0, 1), options);
  const before = process.cpuUsage();
  await embedTexts(texts, options);
  const { user, system } = process.cpuUsage(before);
  return figure('embeddings by the packaged model, of conversations of about 250 tokens', { measured: `${((texts.length / (user + system)) * 1e6).toFixed(0)} records per second of CPU`, required: '-', met: true });
}

async function judge(records: PlantedRecord[], graph: string): Promise<{ seconds: number; cpuSeconds: number; rules: Map<number, string[]> }> {
  const input = records.map(({ row }) => `${JSON.stringify(row)}\n`).join('');
  return withScene({ script: {}, records: 0, graph, files: { 'input.jsonl': input, 'exam.jsonl': EXAM.map((question) => `${JSON.stringify({ question })}\n`).join('') } }, async (scene) => {
    const result = await scene.run();
    if (result.exitCode !== 0) throw new Error(result.stderr);
    const rows = (await scene.workspace.lines('out.jsonl')).map((line) => JSON.parse(line) as Row);
    if (rows.length !== records.length) throw new Error(`${rows.length} rows of ${records.length} records`);
    const rules = rows.map(({ id, metadata }) => [id, metadata.quality_characteristics.heuristic_based.rejections.map(({ rule }) => rule)] as const);
    return { seconds: result.seconds, cpuSeconds: result.cpuSeconds, rules: new Map(rules) };
  });
}
