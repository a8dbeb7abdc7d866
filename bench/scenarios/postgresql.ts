import { processTree, usageOf } from '../harness/processes.ts';
import { startPostgresql } from '../harness/postgresql.ts';
import { figure, type Figure } from '../harness/report.ts';
import { startTemporalServer } from '../harness/temporal-server.ts';
import { paper } from './paper.ts';

/** The main workload on Temporal's server with PostgreSQL, as in production, and on the embedded one with SQLite. */
export async function postgresql({ records }: { records?: number } = {}): Promise<Figure[]> {
  const size = records === undefined ? {} : { records };
  const database = await startPostgresql();
  try {
    const server = await startTemporalServer(database);
    try {
      const pids = [server.pid, database.pid];
      const before = pids.map(cpuOf);
      const onPostgresql = await paper({ ...size, environment: { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'default' } });
      const [serverSeconds = 0, databaseSeconds = 0] = pids.map((pid, index) => cpuOf(pid) - (before[index] ?? 0));
      const cpu = figure(`CPU of Temporal ${server.version} and PostgreSQL ${database.version}`, { measured: `${serverSeconds.toFixed(1)} s and ${databaseSeconds.toFixed(1)} s`, required: '-', met: true });
      const onSqlite = await paper({ ...size, environment: { TEMPORAL_ADDRESS: '' } });
      return [...named('PostgreSQL', onPostgresql), cpu, ...named('SQLite', onSqlite)];
    } finally {
      await server.close();
    }
  } finally {
    await database.close();
  }
}

function named(name: string, figures: Figure[]): Figure[] {
  return figures.map((row) => ({ ...row, what: `${name}: ${row.what}` }));
}

/** Seconds that the process and its living descendants have used. */
function cpuOf(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + (usageOf(each)?.cpuSeconds ?? 0), 0);
}
