import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import { formatCost, formatCount, printable } from './format.ts';
import { renderTable, type Column } from './table.ts';

const COLUMNS: Column[] = [
  { title: 'node' },
  { title: 'records', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'calls', align: 'right' },
  { title: 'reused', align: 'right' },
  { title: 'retried', align: 'right' },
  { title: 'tokens in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'cost', align: 'right' },
];

/** What each node did, and beneath it the answers that were cut off, refused or empty. */
export function renderNodeTable(nodes: Record<string, NodeStatistics>): string[] {
  const rows = Object.entries(nodes).map(([name, node]) => [
    printable(name, { oneLine: true, most: 40 }),
    formatCount(node.records),
    formatCount(node.failed),
    formatCount(node.calls),
    formatCount(node.reused),
    formatCount(node.failedCalls),
    formatCount(node.promptTokens),
    formatCount(node.completionTokens),
    formatCost(node.cost),
  ]);
  return [...renderTable(COLUMNS, rows), ...Object.entries(nodes).flatMap(([name, node]) => answersOf(name, node))];
}

function answersOf(name: string, node: NodeStatistics): string[] {
  const parts = [
    node.truncated > 0 ? `${formatCount(node.truncated)} cut off by max_tokens` : '',
    node.refused > 0 ? `${formatCount(node.refused)} refused` : '',
    node.empty > 0 ? `${formatCount(node.empty)} empty` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`answers at ${printable(name, { oneLine: true, most: 40 })}: ${parts.join(', ')}`];
}
