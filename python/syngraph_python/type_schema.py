"""JSON schemas of Python's type hints, for the tools of agents."""

import dataclasses
import enum
import inspect
import typing

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object", type(None): "null"}
_LISTS = (list, tuple, set, frozenset)
_DEEPEST = 20


def callable_schema(function, skip_self=False):
    """The schema of a function's arguments as one object."""
    hints = _type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())
    if skip_self and parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    properties, required = {}, []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        schema = hint_schema(hints.get(parameter.name, typing.Any))
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif isinstance(parameter.default, (str, int, float, bool, type(None))):
            schema = {**schema, "default": parameter.default}
        properties[parameter.name] = schema
    return {"type": "object", "properties": properties, "required": required}


def model_schema(model):
    """The schema of a pydantic model, of a mapping that is one, or of an annotated class."""
    if isinstance(model, dict):
        return model
    for method in ("model_json_schema", "schema"):
        if callable(getattr(model, method, None)):
            return getattr(model, method)()
    return _fields_schema(model, 0)


def hint_schema(hint, depth=0):
    if depth > _DEEPEST or hint in (typing.Any, inspect.Parameter.empty):
        return {}
    if isinstance(hint, type) and hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is not None:
        return _generic_schema(origin, arguments, depth + 1)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    if hasattr(hint, "model_json_schema"):
        return hint.model_json_schema()
    if dataclasses.is_dataclass(hint) or hasattr(hint, "__total__"):
        return _fields_schema(hint, depth + 1)
    return {}


def _generic_schema(origin, arguments, depth):
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if str(origin) == "typing.Annotated" or hasattr(origin, "__metadata__"):
        return hint_schema(arguments[0], depth)
    if origin in _LISTS:
        items = [argument for argument in arguments if argument is not Ellipsis]
        return {"type": "array", "items": hint_schema(items[0], depth) if items else {}}
    if origin is dict:
        values = hint_schema(arguments[1], depth) if len(arguments) == 2 else {}
        return {"type": "object", "additionalProperties": values or True}
    if origin is typing.Union or getattr(origin, "__name__", "") == "UnionType":
        return {"anyOf": [hint_schema(argument, depth) for argument in arguments]}
    return {"type": "array"} if issubclass(origin, typing.Iterable) else {}


def _fields_schema(owner, depth):
    hints = _type_hints(owner)
    properties = {name: hint_schema(hint, depth) for name, hint in hints.items()}
    required = [name for name in hints if not hasattr(owner, name)]
    if hasattr(owner, "__required_keys__"):
        required = [name for name in hints if name in owner.__required_keys__]
    return {"type": "object", "properties": properties, "required": required}


def _type_hints(owner):
    try:
        return typing.get_type_hints(owner)
    except Exception:
        # A hint that names what is not defined: the argument is offered without a type.
        return {}
