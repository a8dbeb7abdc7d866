import type { CommandContext } from '../context.ts';
import { formatCount } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { inspectRun, type InspectedRun } from '../runs/inspect-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { PREVIEW_PREFIX } from '../runs/run-name.ts';
import { findOpenServer } from '../session/open-server.ts';

/** `syngraph list`: the runs of the store, the latest first. */
export async function execute(context: CommandContext, _positionals: (string | undefined)[], options: { all?: boolean }): Promise<number> {
  const { store, terminal, isJson } = context;
  const names = (await listRunNames(store)).filter(({ run }) => options.all === true || !run.startsWith(PREVIEW_PREFIX));
  const server = names.length === 0 ? null : await findOpenServer(context);
  try {
    const runs = await Promise.all(names.map((name) => inspectRun(store, { name, server })));
    runs.sort((left, right) => (right.createdAt ?? '').localeCompare(left.createdAt ?? ''));
    if (isJson) terminal.result(JSON.stringify(runs.map(({ nodes: _nodes, progress: _progress, ...run }) => run)));
    else if (runs.length === 0) terminal.tell(`No runs in ${store.location}. syngraph run TASK starts one.`);
    else for (const line of renderTable(COLUMNS, runs.map(row))) terminal.tell(line);
    return 0;
  } finally {
    await server?.close();
  }
}

const COLUMNS = [
  { title: 'run' },
  { title: 'status' },
  { title: 'records', align: 'right' as const },
  { title: 'done', align: 'right' as const },
  { title: 'failed', align: 'right' as const },
  { title: 'started' },
  { title: 'output' },
];

function row(run: InspectedRun): string[] {
  return [
    `${run.pipeline}/${run.runId}`,
    run.status.replaceAll('_', ' '),
    run.counts === null ? '' : formatCount(run.counts.total),
    run.counts === null ? '' : formatCount(run.counts.done),
    run.counts === null ? '' : formatCount(run.counts.failed),
    run.createdAt?.slice(0, 19).replace('T', ' ') ?? '',
    run.output ?? '',
  ];
}
