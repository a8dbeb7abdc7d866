import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killServersOf } from './servers.ts';

/** A folder with the workload of section 5 of the SyGra paper: tone and persona sampled, one call that rephrases. */
export interface Workspace {
  folder: string;
  environment: NodeJS.ProcessEnv;
  /** Rows of an output file, each as its line. */
  lines(file: string): Promise<string[]>;
  remove(): Promise<void>;
}

export interface WorkspaceOptions {
  records: number;
  endpointUrl: string;
  model?: Record<string, string | number>;
  graph?: string;
  files?: Record<string, string>;
}

const WORDS = 'the quick brown fox jumps over a lazy dog while seven wise owls watch from an old oak tree near the quiet river'.split(' ');

/** About 500 characters, another text for each record. */
export function sourceText(record: number): string {
  const words = Array.from({ length: 95 }, (_, index) => WORDS[(record * 7 + index * (1 + (record % 11))) % WORDS.length]);
  return `Record ${record}: ${words.join(' ')}`.slice(0, 500);
}

export const REPHRASE = `
data_config:
  source:
    type: disk
    file_path: input.jsonl
graph_config:
  nodes:
    style:
      node_type: weighted_sampler
      attributes:
        tone:
          values: [formal, casual, playful, stern]
          weights: [4, 3, 2, 1]
        persona:
          values: [teacher, engineer, poet]
    rephrase:
      node_type: llm
      model:
        name: writer
        parameters:
          max_tokens: 500
          temperature: 0
      prompt:
        - system: You rephrase texts.
        - user: "Rephrase as a {tone} {persona}: {text}"
      output_keys: rephrased
  edges:
    - { from: START, to: style }
    - { from: style, to: rephrase }
    - { from: rephrase, to: END }
output_config:
  output_map:
    id: { from: id }
    tone: { from: tone }
    rephrased: { from: rephrased }
`;

export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-bench-'));
  const records = Array.from({ length: options.records }, (_, id) => `${JSON.stringify({ id, text: sourceText(id) })}\n`);
  const model = Object.entries(options.model ?? {}).map(([key, value]) => `  ${key}: ${value}\n`);
  await writeFile(join(folder, 'input.jsonl'), records.join(''));
  await writeFile(join(folder, 'models.yaml'), `writer:\n  model_type: openai\n  model: fake\n${model.join('')}`);
  await writeFile(join(folder, 'graph_config.yaml'), options.graph ?? REPHRASE);
  for (const [name, content] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), content);
  return {
    folder,
    environment: { SYGRA_WRITER_URL: options.endpointUrl, SYGRA_WRITER_TOKEN: 'bench-key', OPENAI_API_KEY: '' },
    async lines(file) {
      return (await readFile(join(folder, file), 'utf8')).trimEnd().split('\n');
    },
    async remove() {
      killServersOf(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
