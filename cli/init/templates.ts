/** Files of a new task folder. They run as they are: without an endpoint the model is simulated. */
export function taskFiles(name: string): Record<string, string> {
  return {
    'graph_config.yaml': GRAPH,
    'task_executor.ts': FUNCTIONS,
    'input.jsonl': INPUT,
    'README.md': readme(name),
  };
}

const GRAPH = `# yaml-language-server: $schema=./pipeline.schema.json
# Rewrites product notes as messages in a drawn tone; notes that are too short are left as they are.
data_config:
  # Names records everywhere: in failures, in Temporal, and when a later run looks for its answers.
  id_column: id
  source:
    type: disk
    file_path: input.jsonl

graph_config:
  nodes:
    choose_tone:
      node_type: weighted_sampler
      attributes:
        tone:
          values: [friendly, formal, playful]
          weights: [2, 1, 1]
    write_message:
      node_type: llm
      model:
        name: gpt-4o-mini
        parameters:
          temperature: 0.7
          max_tokens: 300
      prompt:
        - system: You write short product messages in a {tone} tone.
        - user: |
            Write a message to customers from this note.
            Note: {text}
      output_keys: message
    keep_note:
      node_type: lambda
      lambda: ./task_executor.ts#keepNote
      output_keys: [message, tone]
  edges:
    - from: START
      condition: ./task_executor.ts#isLongEnough
      path_map:
        long: choose_tone
        short: keep_note
    - from: choose_tone
      to: write_message
    - from: write_message
      to: END
    - from: keep_note
      to: END

output_config:
  output_map:
    id: { from: id }
    tone: { from: tone }
    text: { from: text }
    message: { from: message }
`;

const FUNCTIONS = `type Note = { id: number; text: string };

/** Condition: which way a record goes from START. */
export function isLongEnough(state: Note): 'long' | 'short' {
  return state.text.split(/\\s+/).length >= 5 ? 'long' : 'short';
}

/** Lambda: what it returns is written into the record's state. */
export function keepNote(_config: unknown, state: Note): { message: string; tone: string } {
  return { message: state.text, tone: 'as it was' };
}
`;

const INPUT = [
  { id: 1, text: 'The blue mug is back in stock and now survives the dishwasher.' },
  { id: 2, text: 'Orders placed before noon are shipped on the same day from Monday on.' },
  { id: 3, text: 'Closed on Friday.' },
  { id: 4, text: 'The recipe book has a second volume with forty dishes for one pan.' },
  { id: 5, text: 'Gift cards can be paid with points from the loyalty programme.' },
]
  .map((row) => `${JSON.stringify(row)}\n`)
  .join('');

function readme(name: string): string {
  return `# ${name}

Turns the notes of \`input.jsonl\` into messages to customers.

\`\`\`
syngraph validate ${name}     # is everything right?
syngraph preview ${name} -n 2 # a look at what goes in and what comes out
syngraph run ${name}          # the whole dataset, into output/
\`\`\`

Without an endpoint the answers are simulated. Set \`OPENAI_API_KEY\`, or \`SYGRA_GPT_4O_MINI_URL\` and
\`SYGRA_GPT_4O_MINI_TOKEN\` for any server that speaks the OpenAI protocol; a file \`.env\` in the
working directory will do.

| file | what it holds |
| --- | --- |
| \`graph_config.yaml\` | the pipeline: source, nodes, edges, output |
| \`task_executor.ts\` | its functions |
| \`pipeline.schema.json\` | what editors check \`graph_config.yaml\` with; \`syngraph schema\` prints it |
`;
}
