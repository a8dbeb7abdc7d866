import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planTask } from '../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../activities/store/folder-store.ts';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import { figure, type Figure } from '../harness/report.ts';
import { putSygraTasks } from '../harness/sygra-tasks.ts';
import { SYGRA_CASES } from '../sygra/sygra-cases.ts';
import { replaceSource } from './sygra-tasks.ts';

/** Rows that stand in for data that cannot be reached from everywhere, beyond those of the tasks that are run. */
const MORE_ROWS: Record<string, Record<string, unknown>[]> = {
  'examples/image_to_qna': [{ images: [], texts: [] }],
  'eval/agents/web_agents': [{ id: 1, chat_history: [], task: 'Open the page', image: '' }],
};

/** What graphs need that are only ever parts of others. */
const INPUTS = { id: 1, text: 'a', p: 'b', prompt: 'c' };

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'sygra-keys.md');

/**
 * Every graph of SyGra's tasks and recipes, compiled unchanged. What does not compile must stand in
 * docs/sygra-keys.md with its reason, and what compiles must not be denied there.
 */
export async function sygraCompile(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-compile-'));
  try {
    await putSygraTasks(folder, ['tasks', 'sygra/recipes']);
    const names = await readdir(folder, { recursive: true });
    const graphs = names.filter((name) => name.endsWith('/graph_config.yaml')).map(dirname).sort();
    const stated = await statedResults();
    const rows: Figure[] = [];
    for (const task of graphs) {
      const reason = await whyNot(task, folder);
      const told = stated.get(task);
      // "with …" names what must be installed, which it may be.
      const met = told !== undefined && (reason === null ? /^(yes|with .*)$/.test(told) : told !== 'yes');
      rows.push(figure(task, { measured: reason ?? 'yes', required: `as docs/ says: ${told ?? 'nothing'}`, met }));
    }
    const compiled = rows.filter(({ measured }) => measured === 'yes').length;
    return [...rows, figure('compile unchanged', { measured: `${compiled} of ${graphs.length}`, required: 'all, or listed with the reason', met: rows.every(({ met }) => met) })];
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The first reason why a graph does not compile; null where it does. */
async function whyNot(task: string, folder: string): Promise<string | null> {
  const name = task.replace(/^tasks\//, '');
  const text = await readFile(join(folder, task, 'graph_config.yaml'), 'utf8');
  const rows = SYGRA_CASES.find((each) => each.task === name)?.rows ?? MORE_ROWS[name];
  const isReachable = /type: *"?disk/.test(text) && !isAbsent(text, folder);
  if (rows !== undefined && !isReachable) await replaceSource({ task: name, rows }, folder);
  const compiled = /^data_config:/m.test(text) ? task : await asSubgraph(task, folder);
  const place = { store: createFolderStore(join(folder, 'store')), workingDirectory: folder, environment: process.env };
  const { plan, diagnostics } = await planTask({ task: compiled, ...place });
  return plan === null ? reasonOf(diagnostics) : null;
}

function isAbsent(text: string, folder: string): boolean {
  const path = /file_path: *"?([^"\n]+)/.exec(text)?.[1];
  return path === undefined || !existsSync(join(folder, path));
}

/** A graph without data is the part of another one, which provides what it needs. */
async function asSubgraph(task: string, folder: string): Promise<string> {
  const wrapper = join('wrappers', task.replaceAll('/', '_'));
  await mkdir(join(folder, wrapper), { recursive: true });
  await writeFile(join(folder, wrapper, 'rows.json'), JSON.stringify([INPUTS]));
  const graph = {
    data_config: { source: { type: 'disk', file_path: 'rows.json' } },
    graph_config: {
      nodes: { part: { node_type: 'subgraph', subgraph: `../../${task}` } },
      edges: [{ from: 'START', to: 'part' }, { from: 'part', to: 'END' }],
    },
  };
  await writeFile(join(folder, wrapper, 'graph_config.yaml'), JSON.stringify(graph));
  return wrapper;
}

function reasonOf(diagnostics: Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const { line, message } = errors[0]!;
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `line ${line}: ${message}${others}`.replaceAll('|', '/');
}

/** The second table of the document: graph to what it says of it. */
async function statedResults(): Promise<Map<string, string>> {
  const text = await readFile(DOCUMENT, 'utf8').catch(() => '');
  const rows = [...text.matchAll(/^\| `((?:tasks|sygra)\/[\w/]+)` \| ([^|]+) \|/gm)];
  return new Map(rows.map(([, task, result]) => [task!, result!.trim()]));
}
