import { groupFailedRecords, type FailedGroup } from './failed-records.ts';

const PER_GROUP = 2;

/** The first few failed records for the end of a run, which must not end badly for their sake. */
export async function failedPreview(file: string): Promise<FailedGroup[]> {
  try {
    return await groupFailedRecords(file, PER_GROUP);
  } catch {
    // Its path is shown beside it; `syngraph failed` says what is wrong with the file.
    return [];
  }
}
