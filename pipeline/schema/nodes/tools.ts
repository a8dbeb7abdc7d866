import { z } from 'zod';
import { functionPath, jsonObject } from '../common-schema.ts';
import { strictObject } from '../strict-object.ts';

const mcpServer = strictObject({
  name: 'an MCP server',
  shape: {
    command: z.string().min(1).optional(),
    args: z.array(z.union([z.string(), z.number()]).transform(String)).optional(),
    /** Names of environment variables that the server gets. */
    env: z.array(z.string()).optional(),
    url: z.string().min(1).optional(),
    /** `$NAME` of an environment variable. */
    token: z.string().optional(),
  },
});

const mcpTools = strictObject({
  name: 'the tools of an MCP server',
  shape: {
    mcp: mcpServer,
    /** Tools of the server that are offered; default all. */
    only: z.array(z.string().min(1)).min(1).optional(),
  },
});

const tool = z.union([functionPath, mcpTools], {
  error: 'expected a tool of the task such as ./tools.ts#add, or mcp: with command or url',
});

export const toolShape = {
  /** Exports, classes or modules of the task, and MCP servers. */
  tools: z.array(tool, { error: 'expected a list of tools' }).nullish(),
  tool_choice: z.union([z.string().min(1), jsonObject], { error: 'expected auto, none, required or the name of a tool' }).nullish(),
};

export type ToolsConfig = z.output<typeof toolShape.tools>;
