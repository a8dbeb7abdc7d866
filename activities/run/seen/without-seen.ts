import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import type { StagedLine } from '../staged-range.ts';
import type { SeenFiles } from './collect-seen.ts';
import { HASH_BYTES, contentHash } from './content-hash.ts';

/** Records that are looked up together: each such chunk reads the files of hashes once. */
const CHUNK_RECORDS = 5_000;
const CHUNK_CHARACTERS = 16 * 1024 * 1024;

/**
 * The lines that no earlier run has finished. Streams, with one chunk of records and one file of
 * hashes (8 bytes a record of a range) in memory. Gives the same lines each time: which files count
 * was fixed when the run was prepared.
 */
export async function* withoutSeen(store: Store, folder: string, lines: AsyncIterable<StagedLine>): AsyncGenerator<StagedLine> {
  const { files } = (await readJson<SeenFiles>(store, `${folder}/seen.json`)) ?? { files: [] };
  let chunk: Candidate[] = [];
  let characters = 0;
  for await (const line of lines) {
    chunk.push({ line, hash: contentHash(line), isSeen: false });
    characters += JSON.stringify(line[1]).length;
    if (chunk.length < CHUNK_RECORDS && characters < CHUNK_CHARACTERS) continue;
    yield* await unseen(store, files, chunk);
    chunk = [];
    characters = 0;
  }
  yield* await unseen(store, files, chunk);
}

interface Candidate {
  line: StagedLine;
  hash: Buffer;
  isSeen: boolean;
}

async function unseen(store: Store, files: readonly string[], chunk: Candidate[]): Promise<StagedLine[]> {
  const sorted = [...chunk].sort((left, right) => left.hash.compare(right.hash));
  for (const file of files) {
    const hashes = await store.read(file);
    if (hashes !== null) markSeen(sorted, hashes);
  }
  return chunk.filter(({ isSeen }) => !isSeen).map(({ line }) => line);
}

/** Both ascend: one pass over either. */
function markSeen(sorted: readonly Candidate[], hashes: Buffer): void {
  let offset = 0;
  for (const candidate of sorted) {
    while (offset < hashes.length && hashes.compare(candidate.hash, 0, HASH_BYTES, offset, offset + HASH_BYTES) < 0) offset += HASH_BYTES;
    if (offset >= hashes.length) return;
    if (hashes.compare(candidate.hash, 0, HASH_BYTES, offset, offset + HASH_BYTES) === 0) candidate.isSeen = true;
  }
}
