import type { PipelineInput } from '../../../pipeline/run-contract.ts';

/** Whether the metadata are written beside the output, too: as the run was asked, else unless SyGra's variable says no. */
export function wantsMetadata({ metadata }: Pick<PipelineInput, 'metadata'>, environment: NodeJS.ProcessEnv): boolean {
  return metadata ?? !/^(?:1|true|yes)$/i.test(environment.SYGRA_DISABLE_METADATA ?? '');
}
