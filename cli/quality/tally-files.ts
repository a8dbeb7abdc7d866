import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { spokenText } from '../../analysis/example-text.ts';
import type { QualityTally } from '../../analysis/quality-tally.ts';
import type { Reservoir } from '../../analysis/reservoir.ts';
import { rejectedFileOf } from '../../activities/quality/quality-task.ts';
import { openRows } from '../options/open-rows.ts';
import { sourceNamed } from '../options/source-named.ts';

export interface FileCounts {
  /** As it was named. */
  file: string;
  records: number;
  accepted: number;
  rejected: number;
  untagged: number;
  /** Rows that could not be read; they count nowhere else. */
  unreadable: number;
}

export interface TallyFiles {
  files: readonly string[];
  tally: QualityTally;
  /** Of the texts of accepted records, and of all. null: no texts are wanted. */
  samples: { accepted: Reservoir<string>; all: Reservoir<string> } | null;
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
}

/** More of a text than this no embedding model reads. */
const MOST_TEXT = 4_000;

/** Adds all records of some files to a tally, streaming. */
export async function tallyFiles({ files, tally, samples, workingDirectory, environment }: TallyFiles): Promise<FileCounts[]> {
  const counts: FileCounts[] = [];
  for (const file of withRejected(files, workingDirectory)) {
    const count: FileCounts = { file, records: 0, accepted: 0, rejected: 0, untagged: 0, unreadable: 0 };
    const source = sourceNamed(file, { workingDirectory, onBadRecord: 'skip' });
    let number = 0;
    for await (const entry of openRows(source, environment)) {
      number += 1;
      if (!entry.ok) {
        count.unreadable += 1;
        continue;
      }
      count.records += 1;
      const kind = tally.add(entry.row, { file: basename(file), number });
      count[kind] += 1;
      if (samples === null || kind === 'untagged') continue;
      const text = (): string => spokenText(entry.row, MOST_TEXT) ?? '';
      samples.all.offer(text);
      if (kind === 'accepted') samples.accepted.offer(text);
    }
    counts.push(count);
  }
  return counts;
}

/** What the rules have rejected stands in a file beside. */
function withRejected(files: readonly string[], workingDirectory: string): string[] {
  const known = new Set(files.map((file) => resolve(workingDirectory, file)));
  return files.flatMap((file) => {
    const rejected = rejectedFileOf(file);
    const path = resolve(workingDirectory, rejected);
    if (known.has(path) || !existsSync(path)) return [file];
    known.add(path);
    return [file, rejected];
  });
}
