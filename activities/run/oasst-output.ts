import { CONVERSATION_FIELDS, looksLikeConversation } from '../../formats/read-conversation.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { OasstSummary } from '../../pipeline/run-contract.ts';
import { writeConverted } from '../data/write-converted.ts';
import type { SourceRow } from '../data/record-source.ts';
import type { OasstDescription, RunDescription } from './run-files.ts';

/**
 * Whether and how the rows of a run become OASST rows: `--oasst` wins over the pipeline's
 * `oasst_mapper`, which wins over sft beside the plain rows.
 * @param output the run's first output file
 * @throws SyngraphError PIPELINE_INVALID where the columns of the output make no conversation: before anything is paid for
 */
export function describeOasst({ plan, wanted, output }: { plan: Plan; wanted: boolean | undefined; output: string }): OasstDescription | null {
  const { oasst, fields, customGenerate } = plan.output;
  if (!(wanted ?? oasst?.required ?? false)) return null;
  const columns = customGenerate || fields === null ? null : fields.map(({ field }) => field);
  if (columns !== null && !looksLikeConversation(columns)) {
    throw new SyngraphError({
      code: 'PIPELINE_INVALID',
      message: `no conversation can be made of the output columns ${columns.join(', ')}, which oasst_mapper asks for; looked for ${CONVERSATION_FIELDS}`,
      nextStep: 'Name such columns in output_map, or leave out --oasst and oasst_mapper.',
    });
  }
  const stem = `${output.replace(/\.[^./\\]+$/, '')}_oasst`;
  // Of a task without a mapper SyGra's own configuration keeps the plain rows, too.
  return { ...(oasst ?? { type: 'sft', intermediateWriting: true }), required: true, path: `${stem}.jsonl`, failedRecords: `${stem}.failed.jsonl` };
}

/** Writes the finished rows as OASST rows, beside the output. */
export async function writeOasst({ description, rows }: { description: RunDescription; rows: () => AsyncIterable<JsonObject> }): Promise<OasstSummary | null> {
  const { oasst, createdAt } = description;
  if (oasst === undefined || oasst === null) return null;
  const { type, path, failedRecords } = oasst;
  const counts = await writeConverted({ rows: () => asSource(rows()), format: `oasst-${type}`, createdAt, output: { path, format: 'jsonl' }, failedPath: failedRecords });
  return { output: path, failedRecords: counts.failed > 0 ? failedRecords : null, ...counts };
}

async function* asSource(rows: AsyncIterable<JsonObject>): AsyncGenerator<SourceRow> {
  for await (const row of rows) yield { ok: true, row };
}
