"""
Reads calls, a line each, and answers with lines: `b<number>` when a call begins, `r` when the code is loaded,
`t` when none is at work: they wait for something, and [number, 1, value] or [number, 0, failure].
"""

import asyncio
import hashlib
import importlib
import inspect
import json
import os
import queue
import random
import sys
import threading

from .call_target import call, kind_of
from .crossing_value import crossing_json
from .task_tools import call_tool, describe_tools
from .type_schema import model_schema
from .user_failure import describe_failure

DESCRIBE_TOOLS = "#tools"
CALL_TOOL = "#tool"
JSON_SCHEMA = "#json-schema"
KIND = "#kind"
_BEAT_SECONDS = 0.25


class CallRunner:
    def __init__(self, archive, reader, writer):
        self._archive = archive
        self._writer = writer
        self._lines = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._arrived = asyncio.Event()
        self._waiting = set()
        threading.Thread(target=self._read, args=(reader,), daemon=True).start()

    def run(self):
        for module in self._archive.entries.values():
            try:
                importlib.import_module(module)
            except BaseException:
                # Told again, with its reason, by each call that needs the module.
                pass
        self._write("r\n")
        while True:
            self._begin(self._lines.get())
            while self._waiting:
                self._loop.run_until_complete(self._wait_a_little())
                self._begin_arrived()

    def _read(self, reader):
        for line in reader:
            self._lines.put(line)
            self._loop.call_soon_threadsafe(self._arrived.set)
        # The worker is gone: nobody waits for what is still being done.
        os._exit(0)

    def _begin_arrived(self):
        while True:
            try:
                self._begin(self._lines.get_nowait())
            except queue.Empty:
                return

    async def _wait_a_little(self):
        arrived = self._loop.create_task(self._arrived.wait())
        await asyncio.wait({*self._waiting, arrived}, timeout=_BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()
        self._arrived.clear()
        self._write("t\n")

    def _begin(self, line):
        number, reference, method, limit, _seed, arguments = json.loads(line)
        self._write("b{}\n".format(number))
        try:
            # All of it but the number, which is another in another process.
            _seed_random(line.partition(",")[2])
            result, finish = self._call(reference, method, arguments)
            if not inspect.isawaitable(result):
                self._settle(number, finish(result))
                return
            task = self._loop.create_task(self._settle_later(number, result, finish, limit))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
            self._write("t\n")
        except BaseException as error:
            self._fail(number, error)

    async def _settle_later(self, number, awaitable, finish, limit):
        task = asyncio.ensure_future(awaitable)
        try:
            await asyncio.wait({task}, timeout=limit / 1000)
            if task.done():
                self._settle(number, finish(task.result()))
                return
            task.cancel()
            message = "did not answer within {:g} s".format(limit / 1000)
            self._write(json.dumps([number, 0, {"code": "FUNCTION_TIMED_OUT", "message": message}]) + "\n")
        except BaseException as error:
            self._fail(number, error)

    def _call(self, reference, method, arguments):
        path, _, name = reference.rpartition("#")
        module = importlib.import_module(self._archive.entries[path])
        exported = module if name == "*" else getattr(module, name)
        if method == KIND:
            return kind_of(exported), _same
        if method == DESCRIBE_TOOLS:
            return describe_tools(reference, exported), _same
        if method == CALL_TOOL:
            return call_tool(reference, exported, arguments[0], arguments[1]), _same
        if method == JSON_SCHEMA:
            return (model_schema(exported) if hasattr(exported, "model_json_schema") else None), _same
        return call(exported, method, arguments)

    def _settle(self, number, value):
        self._write("[{},1,{}]\n".format(number, crossing_json(value)))

    def _fail(self, number, error):
        failure = {"code": "FUNCTION_FAILED", **describe_failure(error, self._archive.paths)}
        self._write(json.dumps([number, 0, failure]) + "\n")

    def _write(self, text):
        data = memoryview(text.encode("utf-8"))
        while data:
            data = data[os.write(self._writer, data) :]


def _same(value):
    return value


def _seed_random(text):
    """The same call of the same run draws the same numbers, in whichever process and batch it is made."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
