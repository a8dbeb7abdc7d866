import { basename, dirname, extname } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import { writeWholeText } from '../data/write-whole.ts';
import { joinLocation } from '../store/locations.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { callTask } from '../nodes/call-task.ts';
import type { RunContext } from './run-context.ts';

/** Characters of all rows together, as JSON: they are held at once, here and where the processor runs. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

const TIME_LIMIT_MILLISECONDS = 10 * 60 * 1000;

interface PostProcessing {
  dependencies: ActivityDependencies;
  run: RunContext;
  rows: () => AsyncIterable<JsonObject>;
}

/**
 * Hands the finished rows to the task's own processors of the dataset. What each returns goes to a
 * file of its own beside the output, named after the processor: it may be figures as well as rows.
 */
export async function postProcessRows({ dependencies, run, rows }: PostProcessing): Promise<void> {
  const processors = run.plan.postProcess ?? [];
  const output = run.description.outputs[0]?.path;
  if (processors.length === 0 || output === undefined) return;
  const data = await collectRows(rows());
  let previous: JsonValue = data;
  for (const { function: reference, params, usePrevious } of processors) {
    const argumentList = [usePrevious ? previous : data, { output_file: output }, params];
    const [outcome] = await callTask({ dependencies, run }, reference, [argumentList], 'process', TIME_LIMIT_MILLISECONDS);
    if (outcome?.ok !== true) {
      throw new SyngraphError({
        code: outcome?.code ?? 'FUNCTION_FAILED',
        message: `the processor ${reference} of graph_post_process failed: ${outcome?.message ?? 'it was not called'}`,
        nextStep: `The rows are in ${output}. Mend the processor and run again: answers are reused.`,
      });
    }
    previous = outcome.value;
    await writeWholeText(resultPath(output, reference), `${JSON.stringify(previous, null, 2)}\n`);
  }
}

async function collectRows(rows: AsyncIterable<JsonObject>): Promise<JsonObject[]> {
  const collected: JsonObject[] = [];
  let characters = 0;
  for await (const row of rows) {
    characters += JSON.stringify(row).length;
    if (characters > MOST_CHARACTERS) {
      throw new SyngraphError({
        code: 'SET_TOO_LARGE',
        message: `graph_post_process would get more than ${MOST_CHARACTERS / 1024 / 1024} MB of rows at once`,
        nextStep: 'Use aggregate, rank or set_function nodes, which need not hold whole rows, or process the output file.',
      });
    }
    collected.push(row);
  }
  return collected;
}

/** `Stats_out.json` beside `out.jsonl`, as SyGra names it. */
function resultPath(output: string, reference: string): string {
  const name = reference.slice(reference.lastIndexOf('#') + 1);
  return joinLocation(dirname(output), `${name}_${basename(output, extname(output))}.json`);
}
