import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SyngraphError } from '../../../../pipeline/errors.ts';
import type { JsonObject } from '../../../../pipeline/json.ts';
import type { McpServerPlan } from '../../../../pipeline/plan.ts';
import type { ToolDefinition } from '../../../models/model-client.ts';
import { PauseRun } from '../../pause-run.ts';
import { toolResult, type ToolResult } from '../offered-tool.ts';
import type { McpClient } from './open-mcp-client.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';

/** The MCP servers of this worker: one connection for each server and environment, however many nodes use it. */
export interface McpConnections {
  /** @throws PauseRun where the server cannot be started or reached */
  tools(server: McpServerPlan, signal: AbortSignal): Promise<ToolDefinition[]>;
  /** @throws PauseRun, or the signal's reason */
  call(server: McpServerPlan, call: McpCall): Promise<ToolResult>;
  close(): Promise<void>;
}

export interface McpCall {
  name: string;
  values: JsonObject;
  timeoutMilliseconds: number;
  signal: AbortSignal;
}

export interface McpConnectionsOptions {
  environment: NodeJS.ProcessEnv;
  workingDirectory: string;
  /** A connection without calls for that long is closed. Default 60,000. */
  idleMilliseconds?: number;
  /** Waits between the tries to start or reach a server. Default 1 s and 4 s. */
  retryMilliseconds?: number[];
}

/** A server that ends so often during one call is ended by it. */
const TRIES = 3;

/** Calls that one server gets at a time. */
const CALLS_AT_ONCE = 16;

interface Connection {
  opening: Promise<McpClient>;
  users: number;
  idle: NodeJS.Timeout | null;
  enter: Turnstile;
}

export function createMcpConnections(options: McpConnectionsOptions): McpConnections {
  const { environment, workingDirectory, idleMilliseconds = 60_000, retryMilliseconds = [1_000, 4_000] } = options;
  const connections = new Map<string, Connection>();
  let isClosed = false;

  async function openOnce(server: McpServerPlan): Promise<McpClient> {
    // Few runs have such servers, and the SDK takes a while to load.
    const { openMcpClient } = await import('./open-mcp-client.ts');
    return openMcpClient({ server, environment, workingDirectory });
  }

  async function open(server: McpServerPlan): Promise<McpClient> {
    for (const wait of [...retryMilliseconds, null]) {
      try {
        return await openOnce(server);
      } catch (error) {
        if (wait === null) throw unavailable(server, error);
        await delay(wait);
      }
    }
    throw unavailable(server, null);
  }

  async function withClient<Result>(server: McpServerPlan, use: (client: McpClient, connection: Connection) => Promise<Result>): Promise<Result> {
    if (isClosed) throw new SyngraphError({ code: 'INTERNAL', message: 'The connections to MCP servers were closed while tools were called' });
    const key = connectionKey(server, environment);
    const connection = connections.get(key) ?? { opening: open(server), users: 0, idle: null, enter: createTurnstile(CALLS_AT_ONCE) };
    connections.set(key, connection);
    if (connection.idle !== null) clearTimeout(connection.idle);
    connection.users += 1;
    try {
      return await use(await opened(key, connection), connection);
    } catch (error) {
      if (isLost(error)) await drop(key, connection);
      throw error;
    } finally {
      connection.users -= 1;
      if (connection.users === 0) restAfterUse(key, connection);
    }
  }

  /** @throws McpServerLost where the server has ended meanwhile: whoever comes next opens another connection */
  async function opened(key: string, connection: Connection): Promise<McpClient> {
    try {
      const client = await connection.opening;
      if (client.isClosed) throw lost('it ended between two calls');
      return client;
    } catch (error) {
      if (connections.get(key) === connection) connections.delete(key);
      throw error;
    }
  }

  function restAfterUse(key: string, connection: Connection): void {
    if (connections.get(key) !== connection) return;
    connection.idle = setTimeout(() => void drop(key, connection), idleMilliseconds);
    connection.idle.unref();
  }

  async function drop(key: string, connection: Connection): Promise<void> {
    if (connections.get(key) === connection) connections.delete(key);
    const client = await connection.opening.catch(() => null);
    await client?.close().catch(() => undefined);
  }

  async function again<Result>(signal: AbortSignal, tryOnce: () => Promise<Result>, giveUp: (error: Error) => Result): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await tryOnce();
      } catch (error) {
        if (!isLost(error)) throw error;
        if (tries === TRIES) return giveUp(error);
      }
    }
  }

  return {
    tools: (server, signal) =>
      again(signal, () => withClient(server, async (client) => client.tools), (error) => {
        throw unavailable(server, error);
      }),
    call: (server, call) =>
      again(
        call.signal,
        // Time limits begin when the server gets the call, not while it waits for its turn.
        () => withClient(server, (client, connection) => connection.enter(() => client.call(call))),
        (error) => toolResult(false, `the server of ${call.name} ended during each of ${TRIES} calls: ${error.message}`),
      ),
    async close() {
      isClosed = true;
      await Promise.all([...connections].map(([key, connection]) => {
        if (connection.idle !== null) clearTimeout(connection.idle);
        return drop(key, connection);
      }));
    },
  };
}

function lost(message: string): Error {
  return Object.assign(new Error(message), { name: LOST });
}

/** By its name, since the class comes with the SDK, which is not loaded here. */
const LOST = 'McpServerLost';

function isLost(error: unknown): error is Error {
  return error instanceof Error && error.name === LOST;
}

/** Variables are named in the key by a hash: their values are secrets. */
function connectionKey(server: McpServerPlan, environment: NodeJS.ProcessEnv): string {
  const names = server.transport === 'stdio' ? server.environmentVariables : server.tokenVariable === null ? [] : [server.tokenVariable];
  const values = createHash('sha256').update(JSON.stringify(names.map((name) => environment[name] ?? null)));
  return JSON.stringify([server, values.digest('hex')]);
}

function unavailable(server: McpServerPlan, error: unknown): PauseRun {
  const what = server.transport === 'stdio' ? `the MCP server "${[server.command, ...server.arguments].join(' ')}" cannot be started` : `the MCP server at ${server.url} cannot be reached`;
  return new PauseRun({
    code: 'TOOL_SERVER_UNAVAILABLE',
    message: `${what}: ${error instanceof Error ? error.message : String(error)}`,
    nextStep: server.transport === 'stdio' ? 'Run the command by hand to see what is wrong with it; nothing has failed, and no finished call is repeated.' : 'Mend the server, its url or its token; nothing has failed, and no finished call is repeated.',
    node: null,
  });
}
