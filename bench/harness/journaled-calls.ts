import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keys of the calls whose answers are whole in a segment of the journal, of all runs of a workspace. */
export function journaledCalls(folder: string): Set<string> {
  const runs = join(folder, '.syngraph', 'runs');
  const segments = readdirSync(runs, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/journal/') && name.endsWith('.jsonl'));
  const lines = segments.flatMap((name) => {
    const text = readFileSync(join(runs, name), 'utf8');
    return text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  });
  return new Set(lines.filter((line) => line.includes(' {"answer"')).map((line) => line.slice(0, line.indexOf(' '))));
}
