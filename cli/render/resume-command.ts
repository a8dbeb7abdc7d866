import { WORKFLOW_TYPES } from '../../pipeline/run-contract.ts';

export interface ResumableName {
  /** `<pipeline>/<run>`. */
  name: string;
  /** As the user would type it again. */
  task: string | null;
  /** Absent: `pipeline`. */
  workflowType?: string | undefined;
}

/** The command that goes on with a run which is not open. Nobody has typed the task that tags a dataset: its run is named alone. */
export function resumeCommand({ name, task, workflowType }: ResumableName): string {
  if (workflowType === WORKFLOW_TYPES.quality) return `syngraph run --resume ${name}`;
  return `syngraph run ${task ?? 'TASK'} --resume ${name.slice(name.indexOf('/') + 1)}`;
}
