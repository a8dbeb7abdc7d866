/** One llm node, `ask`, that asks the model `writer` about each line `{"n": …}` of `in.jsonl`. */
export const ASK_YAML = `
data_config:
  source: { type: disk, file_path: in.jsonl }
graph_config:
  nodes:
    ask:
      node_type: llm
      model: { name: writer, parameters: {} }
      prompt: [{ user: "Say {n}" }]
      output_keys: said
  edges:
    - { from: START, to: ask }
    - { from: ask, to: END }
`;

/** Lines of records with these numbers. */
export const numbered = (numbers: Iterable<number>): string => Array.from(numbers, (n) => `${JSON.stringify({ n })}\n`).join('');

/** Files beside `ASK_YAML`, for so many records. */
export function askFiles(records: number, models = 'writer: { model_type: openai, model: fake }\n'): Record<string, string> {
  return { 'in.jsonl': numbered(Array(records).keys()), 'models.yaml': models };
}
