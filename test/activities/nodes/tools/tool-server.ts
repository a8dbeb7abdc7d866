// A small MCP server for tests: over stdio when run as a program, or over HTTP in this process.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

function makeServer(): McpServer {
  const server = new McpServer({ name: 'test', version: '1' });
  const text = (value: string): { content: { type: 'text'; text: string }[] } => ({ content: [{ type: 'text', text: value }] });
  server.registerTool('add', { description: 'Adds.', inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => text(String(a + b)));
  server.registerTool('who', { description: 'Tells its process and what it sees of a variable.', inputSchema: { name: z.string() } }, ({ name }) =>
    text(JSON.stringify({ pid: process.pid, value: process.env[name] ?? null })),
  );
  server.registerTool('fail', { description: 'Fails.', inputSchema: {} }, () => ({ ...text('no such thing'), isError: true }));
  server.registerTool('files.read', { description: 'Has a name with a dot.', inputSchema: {} }, () => text('x'.repeat(200_000)));
  server.registerTool('hang', { description: 'Never answers.', inputSchema: {} }, () => new Promise(() => undefined));
  server.registerTool('die', { description: 'Ends the process.', inputSchema: {} }, () => {
    console.error(`going down with ${process.env['TOOL_SECRET'] ?? 'nothing'}`);
    process.exit(3);
  });
  return server;
}

export interface HttpToolServer {
  url: string;
  authorizations: (string | undefined)[];
  close(): Promise<void>;
}

/** Without sessions: every request gets a server of its own. */
export async function startHttpToolServer(): Promise<HttpToolServer> {
  const authorizations: (string | undefined)[] = [];
  const http: Server = createServer((request: IncomingMessage, response) => {
    authorizations.push(request.headers.authorization);
    const transport = new StreamableHTTPServerTransport({});
    void makeServer()
      .connect(transport as never)
      .then(() => transport.handleRequest(request, response));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    authorizations,
    close: () => new Promise((resolve) => (http.closeAllConnections(), http.close(() => resolve()))),
  };
}

if (process.argv[1] === import.meta.filename) await makeServer().connect(new StdioServerTransport());
