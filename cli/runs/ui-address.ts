import type { ServerHandle } from '../../worker/server/server-handle.ts';

/** Page of a workflow in the Temporal UI; null where it is not known where the UI is. */
export function uiAddress({ uiUrl, namespace }: Pick<ServerHandle, 'uiUrl' | 'namespace'>, workflowId: string): string | null {
  return uiUrl === null ? null : `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
