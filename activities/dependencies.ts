import type { ActivityMeter } from './activity-meter.ts';
import type { FunctionHost } from './functions/function-host.ts';
import type { ModelGateway } from './models/model-gateway.ts';
import type { McpConnections } from './nodes/tools/mcp/mcp-connections.ts';
import type { Store } from './store/store.ts';

/** What activities get from the worker that runs them. */
export interface ActivityDependencies {
  store: Store;
  gateway: ModelGateway;
  functions: FunctionHost;
  /** MCP servers that agents and llm nodes have tools from. */
  toolServers: McpConnections;
  environment: NodeJS.ProcessEnv;
  /** Base of relative paths that do not lie in a task folder. */
  workingDirectory: string;
  /** Folders whose tasks may be compiled by this worker: a task by path is code execution. */
  taskRoots: string[];
  /** Name of this worker process in the store. */
  workerName: string;
  /** Default: nobody watches. */
  meter?: ActivityMeter;
}
