import { spawn, spawnSync } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { readEmbeddedSettings } from '../../worker/server/embedded-settings.ts';
import { addSearchAttributes } from '../../worker/server/search-attributes.ts';
import { freePorts } from './free-port.ts';
import type { PostgresqlServer } from './postgresql.ts';
import { until } from './scene.ts';

/** The server that is run in production, all four services in one process. */
export interface TemporalServer {
  address: string;
  version: string;
  pid: number;
  close(): Promise<void>;
}

const DATABASES = { temporal: 'temporal', visibility: 'temporal_visibility' };
const SERVICES = ['frontend', 'matching', 'history', 'worker'];
const NAMESPACE = 'default';

/**
 * Temporal's server on PostgreSQL. SYNGRAPH_TEMPORAL_SERVER and SYNGRAPH_TEMPORAL_SQL_TOOL name the two
 * binaries (`go build` of cmd/server and cmd/tools/sql in go.temporal.io/server), SYNGRAPH_TEMPORAL_SCHEMA
 * its folder schema/postgresql/v12.
 */
export async function startTemporalServer(database: PostgresqlServer): Promise<TemporalServer> {
  const { SYNGRAPH_TEMPORAL_SERVER: binary, SYNGRAPH_TEMPORAL_SQL_TOOL: tool, SYNGRAPH_TEMPORAL_SCHEMA: schema } = process.env;
  if (binary === undefined || tool === undefined || schema === undefined) {
    throw new Error('Set SYNGRAPH_TEMPORAL_SERVER, SYNGRAPH_TEMPORAL_SQL_TOOL and SYNGRAPH_TEMPORAL_SCHEMA; see bench/harness/temporal-server.ts');
  }
  for (const [kind, name] of Object.entries(DATABASES)) {
    const to = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '--port', String(database.port), '--user', database.user, '--password', 'none', '--database', name];
    for (const step of [['create-database'], ['setup-schema', '-v', '0.0'], ['update-schema', '-d', join(schema, kind, 'versioned')]]) {
      const { status, stdout, stderr } = spawnSync(tool, [...to, ...step], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${step[0]} of ${name}: ${stdout}${stderr}`);
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-bench-temporal-'));
  const ports = await freePorts(SERVICES.length * 2);
  await mkdir(join(folder, 'config'));
  await writeFile(join(folder, 'config', 'development.yaml'), JSON.stringify(configuration(database, ports)));
  await writeFile(join(folder, 'config', 'dynamic.yaml'), '{}\n');
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(binary, ['--root', folder, '--allow-no-auth', 'start'], { cwd: folder, stdio: ['ignore', log, log] });
  closeSync(log);
  const address = `127.0.0.1:${ports[0]}`;
  const prepared = (): Promise<true | null> => {
    if (child.exitCode !== null) throw new Error('it has ended');
    return prepare(address).then(() => true as const, () => null);
  };
  await until(prepared, `Temporal's server on ${address}`).catch(async (cause: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`it does not answer: ${(await readFile(join(folder, 'log'), 'utf8')).slice(-2_000)}`, { cause });
  });
  return {
    address,
    version: spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^.* /, ''),
    pid: child.pid ?? 0,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Adds namespace and search attributes; rejects while the server is not up. */
async function prepare(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    const { searchAttributes } = await readEmbeddedSettings();
    const { namespaces } = await connection.workflowService.listNamespaces({});
    if (namespaces?.some(({ namespaceInfo }) => namespaceInfo?.name === NAMESPACE) !== true) {
      await connection.workflowService.registerNamespace({ namespace: NAMESPACE, workflowExecutionRetentionPeriod: { seconds: 86_400 as never } });
    }
    // The services learn of a new namespace only after some seconds.
    await addSearchAttributes({ connection, address, namespace: NAMESPACE }, searchAttributes);
  } finally {
    await connection.close();
  }
}

/** As config/development-postgres12.yaml of the server, on other ports and without archival. */
function configuration(database: PostgresqlServer, ports: number[]): object {
  const store = (databaseName: string, connections: number): object => ({
    sql: { pluginName: 'postgres12', databaseName, connectAddr: `127.0.0.1:${database.port}`, connectProtocol: 'tcp', user: database.user, password: 'none', maxConns: connections, maxIdleConns: connections, maxConnLifetime: '1h' },
  });
  const services = SERVICES.map((name, index) => [name, { rpc: { grpcPort: ports[2 * index], membershipPort: ports[2 * index + 1], bindOnLocalHost: true } }] as const);
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'postgresql',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { postgresql: store(DATABASES.temporal, 20), visibility: store(DATABASES.visibility, 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(services),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: { active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${ports[0]}` } },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: `127.0.0.1:${ports[0]}` },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    dynamicConfigClient: { filepath: 'config/dynamic.yaml', pollInterval: '60s' },
  };
}
