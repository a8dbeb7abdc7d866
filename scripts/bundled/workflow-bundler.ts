/**
 * Stands in `dist/cli.js` for Temporal's bundler of workflow code, and so for webpack and swc:
 * built workers load the bundle that was made ahead of time.
 */
export const defaultWorkflowInterceptorModules: string[] = [];

export class WorkflowCodeBundler {
  constructor() {
    throw new Error('the syngraph command cannot bundle workflow code; it serves dist/workflow-bundle.js');
  }
}

export function bundleWorkflowCode(): never {
  return new WorkflowCodeBundler() as never;
}
