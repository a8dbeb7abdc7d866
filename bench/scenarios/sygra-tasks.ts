import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { FakeModelScript } from '../../fake-model/script.ts';
import { runCommand } from '../harness/command.ts';
import { startEndpoint } from '../harness/endpoint.ts';
import { figure, type Figure } from '../harness/report.ts';
import { readRun } from '../harness/scene.ts';
import { killServersOf } from '../harness/servers.ts';
import { putSygraTasks } from '../harness/sygra-tasks.ts';
import { SYGRA_CASES, type FieldType, type SygraCase } from '../sygra/sygra-cases.ts';
import { SYGRA_MODELS } from '../sygra/sygra-models.ts';

const WANTED_TASKS = 12;

/**
 * SyGra's own tasks, graph and Python helpers unchanged, against the fake model. SYGRA_TASK names one of them
 * where only that is to be run.
 */
export async function sygraTasks(): Promise<Figure[]> {
  const chosen = SYGRA_CASES.filter(({ task }) => process.env['SYGRA_TASK'] === undefined || task === process.env['SYGRA_TASK']);
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-sygra-'));
  const rows: Figure[] = [];
  try {
    const commit = await putSygraTasks(folder);
    for (const each of chosen) rows.push(await play(each, folder));
    const met = rows.filter((row) => row.met).length;
    const source = commit === null ? 'a checkout' : `commit ${commit.slice(0, 7)}`;
    rows.push(figure(`tasks of SyGra (${source}) that ran to the end`, { measured: `${met} of ${chosen.length}`, required: `≥ ${WANTED_TASKS}`, met: met >= WANTED_TASKS }));
  } finally {
    killServersOf(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return rows;
}

async function play(each: SygraCase, folder: string): Promise<Figure> {
  const script: FakeModelScript = { ...(each.rules === undefined ? {} : { rules: each.rules }), answer: { words: 20 } };
  const endpoint = await startEndpoint(script);
  try {
    await writeModels(folder, endpoint.url);
    if (each.rows !== undefined) await replaceSource(each, folder);
    const output = join(folder, 'outputs', `${each.task.replaceAll('/', '_')}.jsonl`);
    await mkdir(dirname(output), { recursive: true });
    const flags = ['run', `tasks/${each.task}`, '--json', '--output', output, '-n', String(each.records)];
    const run = readRun(await runCommand(flags, { folder, environment: { BENCH_TOKEN: 'bench', OPENAI_API_KEY: '' } }));
    const faults = run.exitCode === 0 ? await faultsOf(each, output) : [`exit code ${run.exitCode}: ${lastWords(run.stdout + run.stderr)}`];
    const replaced = each.rows === undefined ? '' : `; its data set replaced by ${each.rows.length} rows`;
    const measured = faults.length === 0 ? `${run.json?.counts.done ?? 0} records, ${run.json?.modelCalls ?? 0} calls, ${run.seconds.toFixed(1)} s${replaced}` : faults.join('; ');
    return figure(each.task, { measured, required: `exit code 0; ${Object.keys(each.fields).join(', ')}`, met: faults.length === 0 });
  } finally {
    endpoint.close();
  }
}

async function writeModels(folder: string, url: string): Promise<void> {
  const models = Object.fromEntries(Object.entries(SYGRA_MODELS).map(([name, keys]) => [name, { model_type: 'openai', model: name, url, auth_token: '$BENCH_TOKEN', ...keys }]));
  await mkdir(join(folder, 'config'), { recursive: true });
  await writeFile(join(folder, 'config', 'models.yaml'), JSON.stringify(models));
}

/** Of the file only the place of the data changes; transformations, graph and output stay. */
async function replaceSource(each: SygraCase, folder: string): Promise<void> {
  const path = join(folder, 'tasks', each.task, 'graph_config.yaml');
  const document = parseDocument(await readFile(path, 'utf8'));
  const source = ['data_config', 'source'];
  for (const key of ['repo_id', 'config_name', 'split', 'streaming', 'token']) document.deleteIn([...source, key]);
  document.setIn([...source, 'type'], 'disk');
  document.setIn([...source, 'file_path'], `tasks/${each.task}/bench-rows.json`);
  await writeFile(path, document.toString());
  await writeFile(join(folder, 'tasks', each.task, 'bench-rows.json'), JSON.stringify(each.rows));
}

async function faultsOf(each: SygraCase, output: string): Promise<string[]> {
  const text = (await readFile(output, 'utf8')).trim();
  if (text === '') return ['no rows'];
  const rows = text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  return Object.entries(each.fields).flatMap(([field, type]) => {
    const wrong = rows.find((row) => !isOf(row[field], type));
    return wrong === undefined ? [] : [`${field} is ${JSON.stringify(wrong[field])?.slice(0, 60) ?? 'missing'}, expected ${type}`];
  });
}

function isOf(value: unknown, type: FieldType): boolean {
  if (type === 'id') return typeof value === 'string' || typeof value === 'number';
  if (type === 'text') return typeof value === 'string';
  if (type === 'list') return Array.isArray(value) && value.length > 0;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === 'number';
}

function lastWords(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '/').slice(0, 400);
}
