"""Tools of agents: functions that describe themselves by their type hints and their docstring."""

import inspect

from syngraph_python.type_schema import callable_schema, model_schema


class ToolException(Exception):
    """Raised by a tool to tell the model what went wrong."""


class BaseTool:
    """A named function with a JSON schema of its arguments."""

    name = ""
    description = ""
    args_schema = None
    return_direct = False

    @property
    def parameters(self):
        if self.args_schema is not None:
            return model_schema(self.args_schema)
        return callable_schema(self._implementation(), skip_self=self._is_subclassed())

    @property
    def args(self):
        return self.parameters.get("properties", {})

    def invoke(self, input, config=None, **kwargs):
        implementation = self._implementation()
        if isinstance(input, dict):
            return implementation(**input)
        [only] = list(self.args)[:1] or [None]
        return implementation() if only is None else implementation(**{only: input})

    run = invoke

    async def ainvoke(self, input, config=None, **kwargs):
        result = self.invoke(input)
        return await result if inspect.isawaitable(result) else result

    arun = ainvoke

    def _implementation(self):
        return self._run

    def _is_subclassed(self):
        return False


class StructuredTool(BaseTool):
    """Made from a function; that is what the decorator makes."""

    def __init__(self, func=None, name=None, description=None, args_schema=None, coroutine=None, **options):
        self.func = func
        self.coroutine = coroutine
        implementation = func if func is not None else coroutine
        self.name = name or getattr(implementation, "__name__", "tool")
        self.description = description or inspect.getdoc(implementation) or ""
        self.args_schema = args_schema
        self.return_direct = bool(options.get("return_direct", False))
        self.__doc__ = self.description

    @classmethod
    def from_function(cls, func=None, coroutine=None, name=None, description=None, **options):
        return cls(func=func, coroutine=coroutine, name=name, description=description, **options)

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and isinstance(args[0], (dict, str)):
            return self.invoke(args[0])
        return self._implementation()(*args, **kwargs)

    def _implementation(self):
        return self.func if self.func is not None else self.coroutine


Tool = StructuredTool


def tool(*args, description=None, args_schema=None, return_direct=False, **_options):
    """`@tool`, `@tool("name")` and `@tool(args_schema=…)`."""

    def make(function, name=None):
        settings = {"name": name, "description": description, "args_schema": args_schema, "return_direct": return_direct}
        if inspect.iscoroutinefunction(function):
            return StructuredTool(coroutine=function, **settings)
        return StructuredTool(func=function, **settings)

    if len(args) == 1 and callable(args[0]):
        return make(args[0])
    if len(args) == 2 and callable(args[1]):
        return make(args[1], args[0])
    name = args[0] if args else None
    return lambda function: make(function, name)
