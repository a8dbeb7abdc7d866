/** A task's `task_executor.py`, with helpers of each kind. */
export const CODE = `
import asyncio, datetime, math, os, random, sys, time
from typing import Any

from langgraph.graph import END
from langchain_core.messages import AIMessage, HumanMessage
from sygra.core.graph.functions.edge_condition import EdgeCondition
from sygra.core.graph.functions.lambda_function import AsyncLambdaFunction, LambdaFunction
from sygra.core.graph.functions.node_processor import NodePostProcessor, NodePostProcessorWithState, NodePreProcessor
from sygra.processors.data_transform import DataTransform
from sygra.processors.output_record_generator import BaseOutputGenerator
from sygra.utils import constants, utils
from tasks.demo import shared
from .shared import label


def double(x):
    return 2 * x

class Condition(EdgeCondition):
    def apply(state):
        return END if len(state["messages"]) > 1 else state["messages"][0].type

class Swap(NodePreProcessor):
    def apply(self, state):
        kinds = {"ai": HumanMessage, "human": AIMessage}
        state["messages"] = [kinds[m.type](content=m.content) for m in state["messages"]]
        state["seen"] = True
        return state

class Read(NodePostProcessor):
    def apply(self, response):
        return {"messages": [HumanMessage(response.message.content)], "direct": response.content}

class ReadWithState(NodePostProcessorWithState):
    def apply(self, response, state):
        state["answer"] = response.message.content + state["suffix"]
        return state

class Either(NodePostProcessor):
    def apply(self, response, state):
        return {"both": [response.message.content, state["suffix"]]}

class Step(LambdaFunction):
    def apply(lambda_node_dict, state):
        state["count"] = state.get("count", 0) + lambda_node_dict["by"]
        return state

class ClassStep(LambdaFunction):
    @classmethod
    def apply(cls, lambda_node_dict, state):
        return {"name": cls.__name__}

class Later(AsyncLambdaFunction):
    async def apply(lambda_node_dict, state):
        await asyncio.sleep(state["seconds"])
        return {"done": state["seconds"]}

class Rows(BaseOutputGenerator):
    @staticmethod
    def build_talk(data, state):
        return utils.convert_messages_from_langchain_to_chat_format(data) + [{"role": "user", "content": str(type(state["plain"][0]).__name__)}]
    def build_label(self, data: Any, state):
        return label(data)

class Shout(DataTransform):
    @property
    def name(self):
        return "shout"
    def transform(self, data, params):
        return [{**row, "text": row["text"].upper() + params["mark"]} for row in data]

def combine(outputs):
    return {label: output["messages"][0].type for label, output in outputs.items()}

def answer(kind):
    loop = []
    loop.append(loop)
    return {"nan": {"scores": [1, math.nan]}, "object": {"a": {"b": object()}}, "loop": loop, "large": {"id": 2**60}, "keys": {(1, 2): 3},
            "date": {"at": datetime.datetime(2020, 1, 2)}, "set": {3, 1}, "digits": "1" * 30, "message": [AIMessage("hi")]}[kind]

def failing(x):
    if x == "deep":
        shared.fail()
    if x == "exit":
        sys.exit(3)
    raise ValueError("bad record " + x)

def chatty(x):
    print("to stdout", x)
    os.system("echo from a program")
    return x

def draw(x):
    return [random.random(), str(hash("text"))]

def settings(x):
    return [utils.current_task, utils.get_graph_property("rounds", 0), constants.SYGRA_END, os.path.basename(os.getcwd()) == x, shared.beside()]

def exit_hard(x):
    if x == 7:
        os._exit(9)
    return x

def segfault(x):
    if x == 7:
        import ctypes
        ctypes.string_at(0)
    return x

def spin(x):
    while x == 7:
        pass
    return x

async def spin_later(x):
    await asyncio.sleep(0.001)
    while x == 7:
        time.sleep(1)
    return x

async def never(x):
    if x == 7:
        await asyncio.sleep(1000)
    return x

def hungry(x):
    return len("x" * (10**9 if x == 7 else 1))

def process(x):
    time.sleep(0.2)
    return os.getpid()
`;
/** The `shared.py` beside it. */
export const SHARED = `
import os

def label(value):
    return "label " + str(value)

def fail():
    return {}["absent"]

def beside():
    with open(os.path.join(os.path.dirname(__file__), "words.txt")) as file:
        return file.read()
`;
