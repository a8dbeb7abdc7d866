import { DEFECTS, plantRecords, type PlantedRecord } from '../../test/quality/planted-records.ts';
import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 10_000;
const PLANTED = 2_000;
const GRAPH = `
data_config:
  source: { type: disk, file_path: input.jsonl }
graph_config:
  nodes:
    judge: { node_type: quality, rules: { pii: { reject: true } } }
  edges:
    - { from: START, to: judge }
    - { from: judge, to: END }
output_config:
  output_map:
    id: { from: id }
    metadata: { from: metadata }
`;

interface Row {
  id: number;
  metadata: { quality_characteristics: { heuristic_based: { rejections: { rule: string }[] } } };
}

/** The rules without models over whole runs: their speed on clean conversations, and what they catch. */
export async function quality(): Promise<Figure[]> {
  const records = await plantRecords(2 * RECORDS + PLANTED);
  const clean = records.slice(PLANTED).filter(({ defect }) => defect === 'clean').slice(0, RECORDS);
  const [few, many, planted] = [await judge(clean.slice(0, 1_000)), await judge(clean), await judge(records.slice(0, PLANTED))];
  const perSecond = (clean.length - 1_000) / (many.seconds - few.seconds);
  const ruled = (record: PlantedRecord): string[] => planted.rules.get(record.row.id as number) ?? [];
  const shares = Object.entries(DEFECTS).map(([defect, rule]) => {
    const own = records.slice(0, PLANTED).filter((record) => record.defect === defect);
    return { defect, rule, share: own.filter((record) => ruled(record).includes(rule)).length / own.length, count: own.length };
  });
  const harmless = records.slice(0, PLANTED).filter(({ defect }) => defect === 'clean');
  const rejected = harmless.filter((record) => ruled(record).length > 0).length / harmless.length;
  return [
    figure(`rules without models, ${clean.length} conversations of about 250 tokens, start and end of the run left out`, { measured: `${perSecond.toFixed(0)} records/s`, required: '≥ 1500 records/s on 2 cores', met: perSecond >= 1500 }),
    figure('the same: wall time and CPU of the whole run', { measured: `${many.seconds.toFixed(1)} s, ${many.cpuSeconds.toFixed(1)} s`, required: '-', met: true }),
    ...shares.map(({ defect, rule, share, count }) => figure(`${count} records with ${defect.replaceAll('_', ' ')}, caught by ${rule}`, { measured: `${(share * 100).toFixed(1)} %`, required: '≥ 95 %', met: share >= 0.95 })),
    figure(`${harmless.length} clean records, rejected by any rule`, { measured: `${(rejected * 100).toFixed(1)} %`, required: '≤ 2 %', met: rejected <= 0.02 }),
  ];
}

async function judge(records: PlantedRecord[]): Promise<{ seconds: number; cpuSeconds: number; rules: Map<number, string[]> }> {
  const input = records.map(({ row }) => `${JSON.stringify(row)}\n`).join('');
  return withScene({ script: {}, records: 0, graph: GRAPH, files: { 'input.jsonl': input } }, async (scene) => {
    const result = await scene.run();
    if (result.exitCode !== 0) throw new Error(result.stderr);
    const rows = (await scene.workspace.lines('out.jsonl')).map((line) => JSON.parse(line) as Row);
    if (rows.length !== records.length) throw new Error(`${rows.length} rows of ${records.length} records`);
    const rules = rows.map(({ id, metadata }) => [id, metadata.quality_characteristics.heuristic_based.rejections.map(({ rule }) => rule)] as const);
    return { seconds: result.seconds, cpuSeconds: result.cpuSeconds, rules: new Map(rules) };
  });
}
