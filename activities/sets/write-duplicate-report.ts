import { basename, dirname, extname } from 'node:path';
import type { DuplicateReportPlan } from '../../pipeline/plan.ts';
import { writeWhole } from '../data/write-whole.ts';
import { resolveLocation } from '../store/locations.ts';
import type { DuplicatePairs } from './duplicate-pairs.ts';
import { recordNames } from './record-names.ts';
import type { SetWork } from './set-work.ts';

interface DuplicateReport {
  report: DuplicateReportPlan;
  dropped: Uint8Array;
  pairs: DuplicatePairs;
}

/** Says which records were dropped and why, beside the run's output. */
export async function writeDuplicateReport(work: SetWork, { report, dropped, pairs }: DuplicateReport): Promise<void> {
  const reported = pairs.list.slice(0, report.maxPairs);
  const names = await recordNames(work, { wanted: new Set(reported.flatMap(({ kept, dropped: record }) => [kept, record])), idField: report.idField });
  const listed = reported.map(({ kept, dropped: record, similarity }) => ({
    kept_index: kept,
    dropped_index: record,
    kept_id: names.get(kept) ?? String(kept),
    dropped_id: names.get(record) ?? String(record),
    similarity: Math.round(similarity * 1e6) / 1e6,
  }));
  await writeWhole(reportPath(work, report), async (file) => {
    if (report.form === 'lines') for (const pair of listed) await file.write(Buffer.from(`${JSON.stringify(pair)}\n`));
    else {
      const counts = {
        input_count: dropped.length,
        output_count: dropped.length - pairs.count,
        dropped_count: pairs.count,
        pairs_reported: listed.length,
        max_pairs_in_report: report.maxPairs,
      };
      await file.write(Buffer.from(`${JSON.stringify({ ...report.settings, ...counts, duplicates: listed }, null, 2)}\n`));
    }
  });
}

function reportPath({ run, name, dependencies }: SetWork, { file, form }: DuplicateReportPlan): string {
  const output = run.description.outputs[0]?.path;
  const folder = output === undefined ? dependencies.workingDirectory : dirname(output);
  if (file !== null) return resolveLocation(folder, file);
  const stem = output === undefined ? name : basename(output, extname(output)).replace(/^output_/, '');
  return resolveLocation(folder, `semantic_dedup_report_${stem.replace(/[^\p{L}\p{N}._-]/gu, '_')}.${form === 'lines' ? 'jsonl' : 'json'}`);
}
