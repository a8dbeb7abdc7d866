import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';

/** A database server on loopback with an empty cluster of its own. */
export interface PostgresqlServer {
  port: number;
  user: string;
  /** Of its first process, whose children do the work. */
  pid: number;
  version: string;
  close(): Promise<void>;
}

const USER = 'temporal';

/**
 * PostgreSQL from the folder of programs that SYNGRAPH_POSTGRESQL_BIN names, with Debian's defaults
 * (fsync on). It refuses to run as root; root runs it as SYNGRAPH_POSTGRESQL_USER (default postgres).
 */
export async function startPostgresql(): Promise<PostgresqlServer> {
  const programs = process.env.SYNGRAPH_POSTGRESQL_BIN;
  if (programs === undefined) throw new Error('Set SYNGRAPH_POSTGRESQL_BIN to the folder that has initdb and pg_ctl (apt-get install postgresql)');
  const owner = process.getuid?.() === 0 ? (process.env.SYNGRAPH_POSTGRESQL_USER ?? 'postgres') : null;
  const run = (name: string, ...words: string[]): string => {
    const command = [join(programs, name), ...words];
    const [file, ...rest] = owner === null ? command : ['runuser', '-u', owner, '--', ...command];
    // Its own children keep the output open: what they say goes to a file.
    const { status, stdout, stderr } = spawnSync(file!, rest, { encoding: 'utf8', cwd: '/', stdio: ['ignore', words.includes('start') ? 'ignore' : 'pipe', 'pipe'] });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
    return stdout ?? '';
  };
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-bench-postgresql-'));
  const data = join(folder, 'data');
  await mkdir(data);
  await chmod(folder, 0o755);
  if (owner !== null && spawnSync('chown', [owner, data]).status !== 0) throw new Error(`${data} cannot be given to ${owner}`);
  const [port = 0] = await freePorts(1);
  run('initdb', '-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8');
  run('pg_ctl', '-D', data, '-w', '-l', join(data, 'log'), '-o', `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${data}`, 'start');
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  return {
    port,
    user: USER,
    pid,
    version: run('postgres', '--version').trim().replace(/^postgres \(PostgreSQL\) /, ''),
    async close() {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
