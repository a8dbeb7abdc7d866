import { statSync } from 'node:fs';
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
import { startFakeServiceNow, USER } from '../../test/activities/data/fake-servicenow.ts';
import { SYGRA_CASES, type FieldType, type SygraCase } from '../sygra/sygra-cases.ts';
import { SYGRA_MODELS } from '../sygra/sygra-models.ts';

const WANTED_TASKS = 12;

type Row = Record<string, unknown>;

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
    const metInPython = await countPython(chosen.filter((_, index) => rows[index]?.met), folder);
    const source = commit === null ? 'a checkout' : `commit ${commit.slice(0, 7)}`;
    if (chosen.length === SYGRA_CASES.length) rows.push(figure(`tasks of SyGra (${source}) that ran to the end`, { measured: `${met} of ${chosen.length}, ${metInPython} of them with helpers in Python`, required: `≥ ${WANTED_TASKS} with helpers in Python`, met: metInPython >= WANTED_TASKS }));
  } finally {
    killServersOf(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return rows;
}

async function play(each: SygraCase, folder: string): Promise<Figure> {
  const script: FakeModelScript = { ...(each.rules === undefined ? {} : { rules: each.rules }), answer: { words: 20 } };
  const endpoint = await startEndpoint(script);
  const serviceNow = each.serviceNow === undefined ? null : await startFakeServiceNow(each.serviceNow.tables);
  try {
    await writeModels(folder, endpoint.url);
    if (each.rows !== undefined) await replaceSource(each, folder);
    const packages = await writePackages(each, folder);
    const output = join(folder, 'outputs', `${each.task.replaceAll('/', '_')}.jsonl`);
    await mkdir(dirname(output), { recursive: true });
    // A task with a sink of its own keeps it.
    const outputFlags = serviceNow === null ? ['--output', output] : [];
    const flags = ['run', `tasks/${each.task}`, '--json', ...outputFlags, '-n', String(each.records)];
    const environment = { BENCH_TOKEN: 'bench', OPENAI_API_KEY: '', SNOW_INSTANCE: serviceNow?.url ?? '', SNOW_USERNAME: USER.username, SNOW_PASSWORD: USER.password, PYTHONPATH: packages };
    const run = readRun(await runCommand(flags, { folder, environment }));
    const rows = async (): Promise<Row[]> => serviceNow?.tables.get(each.serviceNow?.target ?? '') ?? readRows(output);
    const faults = run.exitCode === 0 ? faultsOf(each, await rows(), dirname(output)) : [`exit code ${run.exitCode}: ${lastWords(run.stdout + run.stderr)}`];
    const notes = [
      each.rows && `its data set replaced by ${each.rows.length} rows`,
      each.packages && `replaced: ${Object.keys(each.packages).join(', ')}`,
      each.empty && `null, as its data lacks the column: ${each.empty.join(', ')}`,
    ].filter((note) => note !== undefined);
    const measured = faults.length === 0 ? `${run.json?.counts.done ?? 0} records, ${run.json?.modelCalls ?? 0} calls, ${run.seconds.toFixed(1)} s${notes.map((note) => `; ${note}`).join('')}` : faults.join('; ');
    return figure(each.task, { measured, required: `exit code 0; ${Object.keys(each.fields).join(', ')}`, met: faults.length === 0 });
  } finally {
    endpoint.close();
    await serviceNow?.close();
  }
}

/** Tasks whose file names functions in Python. */
async function countPython(cases: SygraCase[], folder: string): Promise<number> {
  const texts = await Promise.all(cases.map(({ task }) => readFile(join(folder, 'tasks', task, 'graph_config.yaml'), 'utf8')));
  return texts.filter((text) => /\btasks(\.\w+)+\.[A-Z]\w+/.test(text)).length;
}

async function writeModels(folder: string, url: string): Promise<void> {
  const models = Object.fromEntries(Object.entries(SYGRA_MODELS).map(([name, keys]) => [name, { model_type: 'openai', model: name, url, auth_token: '$BENCH_TOKEN', ...keys }]));
  await mkdir(join(folder, 'config'), { recursive: true });
  await writeFile(join(folder, 'config', 'models.yaml'), JSON.stringify(models));
}

async function writePackages({ task, packages = {} }: SygraCase, folder: string): Promise<string> {
  const path = join(folder, 'packages', task);
  await mkdir(path, { recursive: true });
  for (const [name, text] of Object.entries(packages)) await writeFile(join(path, name), text);
  return path;
}

/** Of the file only the place of the data changes; transformations, graph and output stay. */
export async function replaceSource(each: Pick<SygraCase, 'task' | 'rows'>, folder: string): Promise<void> {
  const path = join(folder, 'tasks', each.task, 'graph_config.yaml');
  const document = parseDocument(await readFile(path, 'utf8'));
  const source = ['data_config', 'source'];
  for (const key of ['repo_id', 'config_name', 'split', 'streaming', 'token']) document.deleteIn([...source, key]);
  document.setIn([...source, 'type'], 'disk');
  document.setIn([...source, 'file_path'], `tasks/${each.task}/bench-rows.json`);
  await writeFile(path, document.toString());
  await writeFile(join(folder, 'tasks', each.task, 'bench-rows.json'), JSON.stringify(each.rows));
}

async function readRows(output: string): Promise<Row[]> {
  const lines = (await readFile(output, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Row);
}

function faultsOf(each: SygraCase, rows: Row[], folder: string): string[] {
  if (rows.length === 0) return ['no rows'];
  return Object.entries(each.fields).flatMap(([field, type]) => {
    const isEmpty = each.empty?.includes(field) === true;
    const wrong = rows.find((row) => (isEmpty ? row[field] !== null : !isOf(row[field], type, folder)));
    return wrong === undefined ? [] : [`${field} is ${JSON.stringify(wrong[field])?.slice(0, 60) ?? 'missing'}, expected ${isEmpty ? 'null' : type}`];
  });
}

function isOf(value: unknown, type: FieldType, folder: string): boolean {
  switch (type) {
    case 'id':
      return typeof value === 'string' || typeof value === 'number';
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value) && value.length > 0;
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'file':
      return typeof value === 'string' && value.length < 256 && (statSync(join(folder, value), { throwIfNoEntry: false })?.size ?? 0) > 0;
    case 'files':
      return Array.isArray(value) ? value.length > 0 && value.every((each) => isOf(each, 'file', folder)) : isOf(value, 'file', folder);
  }
}

function lastWords(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '/').slice(0, 400);
}
