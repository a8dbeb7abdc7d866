import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/cfworker';
import { fetch, type Dispatcher } from 'undici';
import type { JsonObject } from '../../../../pipeline/json.ts';
import type { McpServerPlan } from '../../../../pipeline/plan.ts';
import type { ToolDefinition } from '../../../models/model-client.ts';
import { toolResult, type ToolResult } from '../offered-tool.ts';
import { createGuardedDispatcher } from './guarded-dispatcher.ts';
import { contentText } from './content-text.ts';

const CONNECT_MILLISECONDS = 30_000;
const LARGEST_MESSAGE = 10 * 1024 * 1024;
const MOST_TOOLS = 500;
const MOST_PAGES = 50;
const LONGEST_DEFINITIONS = 1024 * 1024;
/** Characters of what a server has written to standard error that are shown when it fails. */
const COMPLAINT_CHARACTERS = 1_000;

export interface McpPlace {
  server: McpServerPlan;
  environment: NodeJS.ProcessEnv;
  /** Where commands are run. */
  workingDirectory: string;
}

/** The server has gone, or cannot be talked to: another connection may do. */
export class McpServerLost extends Error {
  override readonly name = 'McpServerLost';
}

/** One connection to one server. */
export interface McpClient {
  tools: ToolDefinition[];
  /** @throws McpServerLost, or the signal's reason */
  call(call: { name: string; values: JsonObject; timeoutMilliseconds: number; signal: AbortSignal }): Promise<ToolResult>;
  /** Whether the server has ended or hung up. */
  readonly isClosed: boolean;
  close(): Promise<void>;
}

/**
 * Starts or reaches a server and asks for its tools. It gets nothing of ours: no sampling, no roots, and of
 * the environment only what the pipeline names and the few variables that every program needs.
 */
export async function openMcpClient(place: McpPlace): Promise<McpClient> {
  const { transport, complaint, release } = openTransport(place);
  // Schemas come from the server: the default validator would compile them to code.
  const client = new Client({ name: 'syngraph', version: '1' }, { jsonSchemaValidator: new CfWorkerJsonSchemaValidator() });
  let isClosed = false;
  client.onclose = () => (isClosed = true);
  const close = async (): Promise<void> => {
    await client.close();
    await release();
  };
  try {
    await client.connect(transport, { timeout: CONNECT_MILLISECONDS });
    const tools = await listTools(client);
    return {
      tools,
      call: (call) => callTool(client, call, complaint),
      get isClosed() {
        return isClosed;
      },
      close,
    };
  } catch (error) {
    await close();
    throw new McpServerLost(`${describe(error)}${complaint()}`, { cause: error });
  }
}

interface OpenTransport {
  transport: StdioClientTransport | StreamableHTTPClientTransport;
  /** What the server has complained of last, to be added to a message. */
  complaint: () => string;
  release: () => Promise<void>;
}

function openTransport({ server, environment, workingDirectory }: McpPlace): OpenTransport {
  if (server.transport === 'http') {
    const dispatcher = createGuardedDispatcher({ allowPrivate: ['1', 'true'].includes(environment['SYNGRAPH_ALLOW_PRIVATE_NETWORK'] ?? '') });
    const token = server.tokenVariable === null ? undefined : environment[server.tokenVariable];
    if (server.tokenVariable !== null && token === undefined) throw new McpServerLost(`the environment has no ${server.tokenVariable}`);
    const transport = new StreamableHTTPClientTransport(new URL(server.url), {
      fetch: guardedFetch(dispatcher),
      requestInit: token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
    });
    return { transport, complaint: () => '', release: () => dispatcher.destroy() };
  }
  const env = Object.fromEntries(server.environmentVariables.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
  const transport = new StdioClientTransport({
    command: server.command,
    args: server.arguments,
    env,
    cwd: workingDirectory,
    stderr: 'pipe',
    maxBufferSize: LARGEST_MESSAGE,
  });
  let last = '';
  transport.stderr?.on('data', (chunk: Buffer) => (last = `${last}${chunk.toString('utf8')}`.slice(-COMPLAINT_CHARACTERS)));
  const secrets = Object.values(env).filter((value) => value.length >= 4);
  const complaint = (): string => {
    const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), last).trim();
    return shown === '' ? '' : `; it said: ${shown}`;
  };
  return { transport, complaint, release: async () => undefined };
}

function guardedFetch(dispatcher: Dispatcher): (url: string | URL, init?: RequestInit) => Promise<Response> {
  // The SDK is typed against the platform's fetch, of which undici's is the original.
  return (url, init) => fetch(url, { ...(init as object), dispatcher });
}

async function listTools(client: Client): Promise<ToolDefinition[]> {
  const tools: ToolDefinition[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: CONNECT_MILLISECONDS });
    tools.push(...answer.tools.map(({ name, description, inputSchema }) => ({ name, description: description ?? '', parameters: inputSchema as JsonObject })));
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  const characters = JSON.stringify(tools).length;
  if (tools.length > MOST_TOOLS || characters > LONGEST_DEFINITIONS) {
    throw new RangeError(`it offers ${tools.length} tools in ${characters} characters; at most ${MOST_TOOLS} in ${LONGEST_DEFINITIONS} are taken`);
  }
  return tools;
}

async function callTool(
  client: Client,
  { name, values, timeoutMilliseconds, signal }: Parameters<McpClient['call']>[0],
  complaint: () => string,
): Promise<ToolResult> {
  try {
    // The SDK leaves its listener on the signal, which is the same for all calls of a batch.
    const ownSignal = AbortSignal.any([signal]);
    const answer = await client.callTool({ name, arguments: values }, undefined, { timeout: timeoutMilliseconds, signal: ownSignal });
    return toolResult(answer.isError !== true, contentText(answer));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof McpError) || error.code === Number(ErrorCode.ConnectionClosed)) throw new McpServerLost(`${describe(error)}${complaint()}`, { cause: error });
    if (error.code === Number(ErrorCode.RequestTimeout)) return toolResult(false, `${name} did not answer within ${timeoutMilliseconds / 1000} s`);
    return toolResult(false, error.message);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
