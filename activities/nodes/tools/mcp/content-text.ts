/** Parts of a tool's result as MCP has them. */
interface ToolContent {
  content?: unknown;
  structuredContent?: unknown;
  toolResult?: unknown;
}

/** The result as a text, which is all that every model takes as a tool's message. */
export function contentText(result: ToolContent): string {
  const parts = Array.isArray(result.content) ? (result.content as Record<string, unknown>[]).map(partText) : [];
  if (parts.length > 0) return parts.join('\n');
  return JSON.stringify(result.structuredContent ?? result.toolResult ?? null);
}

function partText(part: Record<string, unknown>): string {
  if (part['type'] === 'text') return String(part['text']);
  if (part['type'] === 'resource') {
    const { uri, text, mimeType } = (part['resource'] ?? {}) as Record<string, unknown>;
    return typeof text === 'string' ? text : `[${typeof mimeType === 'string' ? mimeType : 'resource'} at ${String(uri)}]`;
  }
  if (part['type'] === 'resource_link') return `[${String(part['name'])} at ${String(part['uri'])}]`;
  return `[${String(part['type'])}, not shown]`;
}
