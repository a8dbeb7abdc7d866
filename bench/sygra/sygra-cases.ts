import type { FakeModelRule } from '../../fake-model/script.ts';

/** `file`: where a file lies that was made, from the output's folder; `files`: one or a list of those. */
export type FieldType = 'text' | 'number' | 'list' | 'object' | 'id' | 'file' | 'files';

/** One of SyGra's tasks, run as it is but for what is said here. */
export interface SygraCase {
  /** Folder below `tasks`. */
  task: string;
  /** Rows that stand in for a data set that cannot be reached from everywhere; the columns are its own. */
  rows?: Record<string, unknown>[];
  records: number;
  /** The fields that the task's output_map names, and what each must be. */
  fields: Record<string, FieldType>;
  /** Fields that are null in SyGra too, since the task's own data has no such column. */
  empty?: string[];
  /** Rows of ServiceNow's tables; the task's sink writes to the one named by `target`, whose new or changed rows are looked at. */
  serviceNow?: { tables: Record<string, Record<string, string>[]>; target: string };
  /** Python packages that stand in for ones that need the network: file to text. */
  packages?: Record<string, string>;
  /** What the fake model is to answer where the helpers look for something. */
  rules?: FakeModelRule[];
}

const QUESTIONS = ['How do I reverse a list?', 'How is a file read line by line?', 'What does a decorator do?', 'How are two dictionaries merged?'];

const codeRows = QUESTIONS.map((question, index) => ({ task_id: index + 1, question, answer: `Reference ${index + 1}`, __index_level_0__: index }));

const simpleQuestions = QUESTIONS.map((problem, index) => ({ original_index: index, problem, answer: 'It is so.', topic: 'Other' }));

const personas = { agent_1_role: 'Farmer', agent_1_prompt: 'You farm.', agent_2_role: 'Trader', agent_2_prompt: 'You trade.' };

const ratings = ['gpt4', 'gpt-4o', 'gpt-4o-mini'].map((assistant, index) => ({ assistant, rating: 3 + 3 * index, explanation: 'as it is' }));

const incidents = [0, 1, 2].map((index) => ({
  sys_id: `incident-${index}`,
  number: `INC000${index}`,
  short_description: 'The printer is silent',
  description: 'It was loud before.',
  priority: '1',
  state: '1',
  urgency: '2',
  impact: '2',
  assigned_to: '',
  active: 'true',
  sys_created_on: `2024-01-0${index + 1} 00:00:00`,
}));

const analyses = incidents.map(({ sys_id, short_description, description }) => ({ sys_id, u_short_description: short_description, u_description: description }));

const PIXEL = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The task counts tokens with a tokenizer from the Hub. */
const TOKENIZER = `class GPT2TokenizerFast:
    @classmethod
    def from_pretrained(cls, name):
        return cls()

    def encode(self, text):
        return text.split()
`;

const questions = [1, 2, 3]
  .map((number) => `<question${number}><question_type>objective</question_type><supporting_evidence>there</supporting_evidence>What is ${number}?</question${number}>`)
  .join('\n');

export const SYGRA_CASES: SygraCase[] = [
  {
    task: 'examples/glaive_code_assistant',
    rows: codeRows,
    records: 4,
    fields: { id: 'id', conversation: 'list', taxonomy: 'list', annotation_type: 'list', language: 'text', tags: 'list' },
  },
  {
    task: 'examples/structured_output',
    rows: codeRows,
    records: 4,
    fields: { id: 'id', question: 'text', category: 'text', sub_category: 'text' },
  },
  {
    task: 'examples/structured_output_with_multi_llm/dpo_samples',
    records: 3,
    fields: { id: 'id', taxonomy: 'list', annotation_type: 'list', language: 'text', tags: 'list', conversation: 'list' },
    rules: [{ match: 'impartial judge', answer: { text: JSON.stringify(ratings) } }],
  },
  {
    task: 'examples/llm_node_tool_simulation',
    records: 3,
    fields: { id: 'id', user_query: 'text', response: 'text', tool_calls: 'list' },
    rules: [{ match: '.', answer: { toolCalls: [{ name: 'add', arguments: { a: 1, b: 2 } }] } }],
  },
  {
    task: 'examples/agent_tool_simulation',
    records: 3,
    fields: { id: 'id', user_query: 'text', math_result: 'text' },
    rules: [{ match: '.', answer: { text: 'It is {step}.', toolCalls: [{ name: 'add', arguments: { a: 1, b: 2 } }, { name: 'multiply', arguments: { a: 3, b: 2 } }] } }],
  },
  {
    task: 'examples/agent_simulation',
    records: 3,
    fields: { id: 'id', conversation: 'list', taxonomy: 'list' },
    rules: [
      { match: 'realistic roleplay conversation', answer: { json: personas } },
      { match: '(agent_[12]: [^\\n]*\\n){4}', answer: { text: 'FINAL ANSWER: we agree.' } },
    ],
  },
  {
    task: 'examples/custom_subgraphs',
    rows: QUESTIONS.map((prompt, index) => ({ source_file: 'x', task_id: index, prompt, code: 'pass', test_imports: [], test_list: ['assert True'] })),
    records: 4,
    fields: { id: 'id', conversation: 'list', metadata: 'object' },
    rules: [
      { match: '^QUESTION: ', answer: { text: 'PARAPHRASED QUESTION: how?' } },
      { match: '^def ', answer: { text: 'NO MORE FEEDBACK' } },
      { match: '.', answer: { text: 'def solve(): pass' } },
    ],
  },
  {
    task: 'examples/evol_instruct',
    records: 2,
    fields: { id: 'id', text: 'text', evolved_text: 'text', llm_response: 'text' },
  },
  {
    task: 'examples/self_refinement',
    records: 2,
    fields: { id: 'id', prompt: 'text', candidate: 'text', self_refine_judge: 'object', reflection_trajectory: 'list' },
  },
  {
    task: 'eval/question_answering/simpleqa',
    rows: simpleQuestions,
    records: 4,
    fields: { original_index: 'number', problem: 'text', answer: 'text', predicted_answer: 'text', exact_match: 'object', fuzzy_match: 'object' },
  },
  {
    task: 'eval/classification/simpleqa',
    rows: simpleQuestions,
    records: 4,
    fields: { original_index: 'number', problem: 'text', topic: 'text', predicted_topic: 'text', exact_match: 'object' },
  },
  {
    task: 'examples/servicenow_ai_analysis_insert',
    records: 3,
    serviceNow: { tables: { incident: incidents, u_ai_incident_analysis: [] }, target: 'u_ai_incident_analysis' },
    fields: { u_ai_analysis: 'text', u_number: 'text', u_short_description: 'text' },
  },
  {
    task: 'examples/servicenow_ai_analysis_update',
    records: 3,
    serviceNow: { tables: { u_ai_incident_analysis: analyses }, target: 'u_ai_incident_analysis' },
    fields: { sys_id: 'text', u_paraphrase: 'text' },
  },
  {
    task: 'examples/multiple_dataset',
    records: 3,
    serviceNow: { tables: { incident: incidents, u_ai_incident_analysis: [] }, target: 'u_ai_incident_analysis' },
    fields: { u_severity_score: 'text', u_predicted_resolution_time: 'text', u_recommended_action: 'text', u_root_cause_category: 'text', u_confidence: 'text' },
  },
  {
    task: 'examples/semantic_dedup',
    records: 3,
    fields: { id: 'id', prompt: 'text', answer: 'text' },
  },
  {
    task: 'examples/semantic_dedup_no_seed',
    records: 3,
    fields: { short_description: 'text', description: 'text', category: 'text', domain: 'text' },
  },
  {
    task: 'examples/image_to_qna',
    rows: [0, 1].map((id) => ({ id, images: [PIXEL, PIXEL], texts: [] })),
    records: 2,
    packages: { 'transformers.py': TOKENIZER },
    fields: { id: 'id', num_images: 'number', ocr_texts: 'list', num_questions: 'number', generated_questions: 'list', question_types: 'list', generated_responses: 'list', answers: 'list', thinking: 'list' },
    rules: [
      { match: 'output all the text in the image', answer: { text: '<ANSWER>A sign that says stop.</ANSWER>' } },
      { match: 'exactly 3 questions', answer: { text: questions } },
      { match: 'You are given the following images', answer: { text: '<think>It says so.</think>Stop.' } },
    ],
  },
  { task: 'examples/text_to_speech', records: 2, fields: { id: 'id', text: 'text', llm_response: 'file' } },
  { task: 'examples/text_to_image', records: 2, fields: { id: 'id', concept: 'text', images: 'files' }, empty: ['concept'] },
  {
    task: 'examples/image_edit',
    records: 1,
    fields: { id: 'id', title: 'text', original_image: 'text', edit_instruction: 'text', edited_image: 'files' },
    empty: ['original_image'],
  },
  {
    task: 'examples/audio_to_text',
    rows: [0, 1, 2].map((id) => ({ id, audio: 'data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA=' })),
    records: 3,
    fields: { id: 'id', audio: 'text', animal: 'text' },
  },
  {
    task: 'examples/gpt_4o_audio',
    records: 2,
    fields: { id: 'id', audio: 'file', text: 'text', transcription: 'text', transformed_audio: 'file' },
  },
];
