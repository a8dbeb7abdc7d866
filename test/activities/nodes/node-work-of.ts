import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { NodeWork, WorkRecord } from '../../../activities/nodes/node-work.ts';
import type { JsonObject } from '../../../pipeline/json.ts';

export interface NodeWorkSettings {
  name?: string;
  seed?: number;
  /** Folder of the store. Default: one that does not exist. */
  storeFolder?: string;
  records: (Partial<WorkRecord> & { state: JsonObject })[];
}

/** The part of a node's work that executors without models and functions look at. Ids are r0, r1 … */
export function nodeWorkOf({ name = 'node', seed = 1, storeFolder = '/nonexistent', records }: NodeWorkSettings): NodeWork {
  const work = {
    dependencies: { store: createFolderStore(storeFolder) },
    run: { folder: 'runs/demo/one', description: { seed } },
    name,
    signal: new AbortController().signal,
    records: records.map((record, position) => ({
      position,
      path: [position],
      visit: 0,
      source: { id: `r${position}`, ordinal: position, row: record.state, unreadable: null },
      ...record,
    })),
  };
  return work as unknown as NodeWork;
}

/** `count` records without any state. */
export function blankRecords(count: number): { state: JsonObject }[] {
  return Array.from({ length: count }, () => ({ state: {} }));
}
