import { createHash } from 'node:crypto';
import { basename, dirname, extname } from 'node:path';
import { stringify } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { Store } from '../store/store.ts';

/** What is to be tagged, and how. */
export interface QualityRequest {
  /** A source as `data_config` has it; paths are absolute. */
  source: JsonObject;
  /** Name of the dataset; the pipeline is called after it. */
  name: string;
  /** Absolute. Its extension decides the format. */
  output: string;
  /** `filter`: what is rejected goes to a file of its own. `tag`: everything stays. */
  mode: 'filter' | 'tag';
  /** As a `quality` node has them; and `near_duplicates`, which is true or has settings of a `deduplicate` node. Default: off. */
  rules: JsonObject;
  /** State key of the conversation; null: it is looked for. */
  messages: string | null;
  /** Name of the model that judges what the rules let pass; null: nobody does. */
  judge: string | null;
  /** Writes `data_quality_metadata` in SyGra's layout as well. */
  sygraMetadata: boolean;
  /** Entries of models.yaml that the task gets as its own. Default: it has none, and the usual file holds. */
  models?: JsonObject;
}

const RECIPE = 'syngraph.recipes.quality_judge';

const PASSED = 'metadata.quality_characteristics.heuristic_based.passed';

/** File of the records that the rules reject, beside the output. */
export function rejectedFileOf(output: string): string {
  return `${output.slice(0, output.length - extname(output).length)}.rejected.jsonl`;
}

/**
 * Writes the pipeline that tags a dataset as a task into the store: people can look at it, copy it and
 * run it themselves. Tagging is a pipeline like any other, with its batches, journal and resume.
 * @returns the task's folder
 */
export async function writeQualityTask(store: Store, request: QualityRequest): Promise<string> {
  const text = stringify(qualityPipeline(request));
  const models = Object.keys(request.models ?? {}).length === 0 ? null : stringify(request.models);
  const version = createHash('sha256').update(text).update(models ?? '').digest('hex').slice(0, 12);
  const folder = `tasks/${version}/quality-${request.name}`;
  if (models !== null) {
    await store.write(`${folder}/models.yaml`, models);
    await store.localPath(`${folder}/models.yaml`);
  }
  await store.write(`${folder}/graph_config.yaml`, text);
  return dirname(await store.localPath(`${folder}/graph_config.yaml`));
}

function qualityPipeline({ source, output, mode, rules: given, messages, judge, sygraMetadata }: QualityRequest): JsonObject {
  const { near_duplicates: near = false, ...rules } = given;
  const steps = [...(near === false || near === null ? [] : ['near_duplicates']), ...(judge === null ? [] : ['judge'])];
  const whole = { file_path: output };
  const sink = mode === 'tag' ? [whole] : [{ ...whole, where: PASSED }, { file_path: rejectedFileOf(output), where: `not ${PASSED}` }];
  return {
    // Rows of OASST trees become conversations; others pass as they are.
    data_config: { source: { ...source, transformations: [{ transform: 'gather_conversations' }] }, sink },
    graph_config: {
      nodes: {
        heuristics: { node_type: 'quality', mode: 'tag', rules, ...(messages === null ? {} : { messages }) },
        ...(steps.includes('near_duplicates') ? { near_duplicates: duplicatesNode(near, messages) } : {}),
        ...(judge === null ? {} : { judge: judgeNode(judge) }),
        ...(sygraMetadata ? { in_sygras_layout: { node_type: 'lambda', lambda: `${RECIPE}.task_executor.addSygraMetadata`, output_keys: ['data_quality_metadata'] } } : {}),
      },
      edges: [{ from: 'START', to: 'heuristics' }, ...onward({ steps, last: sygraMetadata ? 'in_sygras_layout' : 'END' }), ...(sygraMetadata ? [{ from: 'in_sygras_layout', to: 'END' }] : [])],
    },
  };
}

function judgeNode(model: string): JsonObject {
  const nodes = ['ask_category', 'judge', 'tag_instruction'];
  return { node_type: 'subgraph', subgraph: RECIPE, node_config_map: Object.fromEntries(nodes.map((node) => [node, { model: { name: model } }])) };
}

/** Near-duplicates of what the rules let pass are rejected like others; what they are near to stays. */
function duplicatesNode(settings: JsonValue, messages: string | null): JsonObject {
  const field = messages === null ? '@conversation' : `@conversation.${messages}`;
  return { node_type: 'deduplicate', field, on_duplicate: 'tag', ...(isJsonObject(settings) ? settings : {}) };
}

/** What is rejected goes no further: judging costs calls, and nobody should lose a record to one that is rejected itself. */
function onward({ steps, last }: { steps: string[]; last: string }): JsonObject[] {
  const places = ['heuristics', ...steps];
  return places.map((from, index) => {
    const next = places[index + 1];
    return next === undefined ? { from, to: last } : { from, condition: `${RECIPE}.task_executor.hasPassedRules`, path_map: { passed: next, rejected: last } };
  });
}

/** A dataset's name as part of a pipeline's: its file without extension, or its repository. */
export function datasetName(source: string): string {
  const name = basename(source, extname(source)).replaceAll(/[^\w.-]+/g, '-');
  return name === '' ? 'dataset' : name;
}
