"""Tools of the task: `@tool` functions, alone, in a class or in a module."""

import inspect
import types

from .type_schema import model_schema


def describe_tools(reference, exported):
    return [{"name": tool.name, "description": tool.description, "parameters": _parameters(tool)} for tool in find_tools(reference, exported)]


def call_tool(reference, exported, name, arguments):
    """May answer with a coroutine."""
    tools = {tool.name: tool for tool in find_tools(reference, exported)}
    if name not in tools:
        raise TypeError("{} has no tool {}; it has: {}".format(reference, name, ", ".join(tools)))
    tool = tools[name]
    schema = _parameters(tool)
    given = arguments if isinstance(arguments, dict) else {}
    faults = _faults(schema, given)
    if faults:
        raise TypeError("{}: {}".format(name, "; ".join(faults)))
    is_asynchronous = getattr(tool, "func", None) is None and getattr(tool, "coroutine", None) is not None
    return tool.ainvoke(given) if is_asynchronous else tool.invoke(given)


_TYPES = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}


def _faults(schema, given):
    """What of the arguments does not fit; of types only those that need no look inside."""
    properties = schema.get("properties", {})
    faults = ["{} is missing".format(key) for key in schema.get("required", []) if key not in given]
    for key, value in given.items():
        wanted = properties.get(key)
        if wanted is None:
            faults.append("{} is not an argument; there are: {}".format(key, ", ".join(properties) or "none"))
        elif wanted.get("type") in _TYPES and not _is_of(value, wanted["type"]):
            faults.append("{} must be of type {}".format(key, wanted["type"]))
    return faults


def _is_of(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def find_tools(reference, exported):
    tools = [exported] if _is_tool(exported) else _members(exported)
    if not tools:
        raise TypeError("{} is no tool and holds none; a tool is a function with @tool of langchain_core.tools".format(reference))
    return tools


def _members(exported):
    if not isinstance(exported, (type, types.ModuleType)):
        return []
    # In the order of the file, where getmembers() has that of the alphabet.
    return [value for _, value in _ordered(exported) if _is_tool(value)]


def _ordered(owner):
    if isinstance(owner, types.ModuleType):
        return list(vars(owner).items())
    return [item for base in reversed(owner.__mro__) for item in vars(base).items()]


def _is_tool(value):
    return not isinstance(value, type) and callable(getattr(value, "invoke", None)) and isinstance(getattr(value, "name", None), str)


def _parameters(tool):
    own = inspect.getattr_static(type(tool), "parameters", None)
    # The schema that the real package shows to models leaves out what a call injects.
    schema = dict(tool.parameters if own is not None else model_schema(getattr(tool, "tool_call_schema", tool.args_schema)))
    for key in ("description", "title"):
        schema.pop(key, None)
    return schema
