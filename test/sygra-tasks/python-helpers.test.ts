import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { PipelineInput } from '../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../support/engine.ts';

/** A task as it is written for SyGra, with a helper for every place that takes one. */
const YAML = `
data_config:
  source:
    type: disk
    file_path: tasks/demo/input.jsonl
    transformations:
      - transform: tasks.demo.task_executor.Number
        params: { first: 10 }
graph_config:
  nodes:
    count:
      node_type: lambda
      lambda: tasks.demo.task_executor.Count
      step: 5
      output_keys: [count]
    answer:
      node_type: llm
      model: { name: writer }
      pre_process: tasks.demo.task_executor.Prepare
      prompt: [{ user: "{question}" }]
      post_process: tasks.demo.task_executor.Keep
      output_keys: [answer, length]
    talk:
      node_type: llm
      model: { name: writer }
      prompt: [{ user: "Go on about {text}" }]
  edges:
    - { from: START, to: count }
    - { from: count, to: answer }
    - { from: answer, to: talk }
    - from: talk
      condition: tasks.demo.task_executor.Enough
      path_map: { talk: talk, END: END }
output_config:
  generator: tasks.demo.task_executor.Rows
  output_map:
    number: { from: number }
    count: { from: count }
    answer: { from: answer }
    conversation: { from: messages, transform: build_conversation }
`;
const PYTHON = `
from langgraph.graph import END
from sygra.core.graph.functions.edge_condition import EdgeCondition
from sygra.core.graph.functions.lambda_function import LambdaFunction
from sygra.core.graph.functions.node_processor import NodePostProcessorWithState, NodePreProcessor
from sygra.processors.data_transform import DataTransform
from sygra.processors.output_record_generator import BaseOutputGenerator
from sygra.utils import utils
from tasks.shared.texts import question_of

class Number(DataTransform):
    @property
    def name(self):
        return "number"
    def transform(self, data, params):
        return [{**row, "number": params["first"] + index} for index, row in enumerate(data)]

class Count(LambdaFunction):
    def apply(lambda_node_dict, state):
        if state["text"] == "bad":
            raise ValueError("cannot count " + state["text"])
        state["count"] = state["number"] * lambda_node_dict["step"]
        return state

class Prepare(NodePreProcessor):
    def apply(self, state):
        state["question"] = question_of(state["text"])
        return state

class Keep(NodePostProcessorWithState):
    def apply(self, resp, state):
        state["answer"] = resp.message.content.upper()
        state["length"] = len(state["question"])
        return state

class Enough(EdgeCondition):
    def apply(state):
        return END if len(state["messages"]) >= 3 else "talk"

class Rows(BaseOutputGenerator):
    @staticmethod
    def build_conversation(data, state):
        return utils.convert_messages_from_langchain_to_chat_format(data) + [state["messages"][-1].type]
`;
const SHARED = 'def question_of(text):\n    return "What is " + text + "?"\n';

describe('a task for SyGra with its helpers in Python', () => {
  let model: FakeModelServer;
  let engine: Engine;
  before(async () => {
    model = await startFakeModel({ script: { answer: { text: 'said' } } });
    engine = await startEngine({ ...process.env, SYGRA_WRITER_URL: model.url, SYGRA_WRITER_TOKEN: 'key' });
    const files = {
      'tasks/demo/graph_config.yaml': YAML,
      'tasks/demo/task_executor.py': PYTHON,
      'tasks/shared/texts.py': SHARED,
      'tasks/demo/models.yaml': 'writer: { model_type: openai, model: fake }\n',
      'tasks/demo/input.jsonl': ['one', 'bad', 'two'].map((text) => `${JSON.stringify({ text })}\n`).join(''),
    };
    await mkdir(join(engine.folder, 'tasks/demo'), { recursive: true });
    await mkdir(join(engine.folder, 'tasks/shared'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(engine.folder, name), text);
  });
  after(async () => {
    await engine.close();
    await model.close();
  });

  async function run(input: PipelineInput): Promise<{ rows: Record<string, unknown>[]; failed: Record<string, unknown>[] }> {
    const summary = await engine.start(`demo/run-${Math.random()}`, input);
    const lines = async (path: string | null): Promise<Record<string, unknown>[]> =>
      path === null ? [] : (await readFile(path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    return { rows: await lines(summary.output), failed: await lines(summary.failedRecords) };
  }

  it('runs unchanged, and fails the record alone whose helper raises, with its traceback', async () => {
    const { rows, failed } = await run({ task: 'tasks/demo', output: join(engine.folder, 'out.jsonl') });
    const said = { role: 'assistant', content: 'said' };
    assert.deepEqual(rows, [
      { number: 10, count: 50, answer: 'SAID', conversation: [said, said, said, 'ai'] },
      { number: 12, count: 60, answer: 'SAID', conversation: [said, said, said, 'ai'] },
    ]);
    const [record] = failed;
    assert.equal(failed.length, 1);
    assert.deepEqual([record?.['node'], record?.['code'], record?.['message']], ['count', 'FUNCTION_FAILED', 'ValueError: cannot count bad (tasks/demo/task_executor.py:21)']);
    assert.match(String(record?.['stack']), /Traceback[\s\S]*line 21, in apply\n {4}raise ValueError\("cannot count "/);
  });
});
