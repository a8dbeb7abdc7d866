import type { FailedGroup } from '../runs/failed-records.ts';
import type { Colours } from '../terminal.ts';
import { formatCount, printable } from './format.ts';

const MESSAGE_CHARACTERS = 200;

/** Failed records by node and cause. @param most groups shown; the rest is counted */
export function renderFailedGroups(groups: readonly FailedGroup[], { colours, most = Infinity }: { colours: Colours; most?: number }): string[] {
  const lines = groups.slice(0, most).flatMap((group) => [
    `${colours.bold(printable(group.node, { oneLine: true, most: 60 }))}  ${printable(group.code, { oneLine: true })}: ${formatCount(group.count)} ${group.count === 1 ? 'record' : 'records'}`,
    ...group.records.map((record) => {
      const attempts = record.attempts > 1 ? ` (${record.attempts} attempts)` : '';
      return `  ${printable(record.id, { oneLine: true, most: 40 })}${attempts}: ${printable(record.message, { oneLine: true, most: MESSAGE_CHARACTERS })}`;
    }),
    ...(group.count > group.records.length ? [colours.dim(`  … and ${formatCount(group.count - group.records.length)} more`)] : []),
  ]);
  return groups.length > most ? [...lines, colours.dim(`… and ${groups.length - most} more kinds`)] : lines;
}
