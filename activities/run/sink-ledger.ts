import { randomBytes } from 'node:crypto';
import type { SinkLedger } from '../data/servicenow/sink-ledger.ts';
import type { AppendFile, Store } from '../store/store.ts';

/** A line of the ledger: a key and when it was about to be written, or a key and the id that it has got. */
type LedgerLine = ['sending', string, number] | ['written', string, string];

/**
 * What a run has written to a sink elsewhere: `sinks/<n>/` in the run's folder, one file an attempt,
 * so that no two writers share one. A torn last line counts for nothing.
 */
export async function openSinkLedger(store: Store, folder: string): Promise<SinkLedger & { close(): Promise<void> }> {
  const sent = new Map<string, number>();
  const written = new Set<string>();
  const ids = new Set<string>();
  for (const file of (await store.list(`${folder}/`)).sort()) {
    const content = (await store.read(file))?.toString('utf8') ?? '';
    for (const text of content.split('\n')) {
      const line = parseLine(text);
      if (line === null) continue;
      if (line[0] === 'sending') sent.set(line[1], Math.min(line[2], sent.get(line[1]) ?? Infinity));
      else {
        written.add(line[1]);
        ids.add(line[2]);
      }
    }
  }
  let file: Promise<AppendFile> | null = null;
  async function append(line: LedgerLine): Promise<void> {
    file ??= store.openAppend(`${folder}/${String(Date.now())}-${randomBytes(4).toString('hex')}.jsonl`);
    await (await file).append(`${JSON.stringify(line)}\n`);
  }
  return {
    stateOf: (key) => (written.has(key) ? 'written' : sent.has(key) ? 'uncertain' : 'new'),
    sentAt: (key) => sent.get(key) ?? null,
    knows: (id) => ids.has(id),
    async sending(key) {
      const now = Date.now();
      await append(['sending', key, now]);
      // What is sent before the ledger is kept would be sent again after a crash.
      await (await file)?.flush();
      sent.set(key, now);
    },
    async written(key, id) {
      written.add(key);
      ids.add(id);
      await append(['written', key, id]);
    },
    async close() {
      await (await file)?.close();
    },
  };
}

function parseLine(text: string): LedgerLine | null {
  try {
    return JSON.parse(text) as LedgerLine;
  } catch {
    return null;
  }
}
