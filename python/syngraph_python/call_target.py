"""How an export of the task is called: as a function, a class with a method, a schema or a tool."""

import functools
import inspect

from .chat_messages import StateMessages, from_chat_format, is_chat_message, to_chat_format

PARSE = "parse"


def is_schema(exported):
    return isinstance(exported, type) and callable(getattr(exported, "model_validate", None))


def kind_of(exported):
    """As plans have it; None: it cannot be called."""
    if is_schema(exported):
        return "schema"
    if isinstance(exported, type):
        return "class"
    return "function" if callable(exported) else None


def call(exported, method, arguments):
    """Calls it with arguments from JSON. The result may be a coroutine, and is passed on by `finish` to become JSON."""
    if is_schema(exported) and method in (None, PARSE, "apply"):
        return exported.model_validate(arguments[0]).model_dump(mode="json"), _as_it_is
    name = method or "apply"
    if isinstance(exported, type):
        if name == "process" and len(arguments) == 3:
            # Post-processors of the dataset get their params when they are made.
            *arguments, params = arguments
            callee = getattr(exported(**params), name)
        else:
            callee = _method(exported, name, len(arguments))
    elif callable(exported):
        callee = exported
    else:
        raise TypeError("{!r} cannot be called; a function or a class is needed".format(exported))
    converted, finish = _convert(exported, name, arguments)
    return callee(*_that_fit(callee, converted)), finish


def _method(owner, name, count):
    """Task files write methods without self too, which are called on the class itself."""
    raw = inspect.getattr_static(owner, name, None)
    if raw is None:
        methods = sorted(key for key in dir(owner) if not key.startswith("_") and callable(getattr(owner, key)))
        raise TypeError("{} has no method {}; it has: {}".format(owner.__name__, name, ", ".join(methods) or "none"))
    if isinstance(raw, (staticmethod, classmethod)):
        return getattr(owner, name)
    if inspect.isfunction(raw):
        names = [parameter.name for parameter in inspect.signature(raw).parameters.values()]
        if not names or (names[0] != "self" and len(names) <= count):
            return raw
    return getattr(_instance(owner), name)


def _instance(owner):
    # Processors of nodes are made anew for every record, as SyGra does; others may be costly to make.
    kinds = {base.__name__ for base in owner.__mro__}
    if kinds & {"NodePreProcessor", "NodePostProcessor", "NodePostProcessorWithState"}:
        return owner()
    return _kept_instance(owner)


@functools.lru_cache(maxsize=None)
def _kept_instance(owner):
    return owner({}) if "BaseOutputGenerator" in {base.__name__ for base in owner.__mro__} else owner()


def _that_fit(callee, arguments):
    """Post-processors take the message alone, or the state after it."""
    try:
        parameters = inspect.signature(callee).parameters.values()
    except (TypeError, ValueError):
        return arguments
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return arguments
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return arguments[: len(positional)]


def _convert(exported, name, arguments):
    """Messages of states become objects on the way in. Answers: what a node changes, where messages are added."""
    if name in ("transform", "process"):
        return arguments, _as_it_is
    if name != "apply":
        return _convert_output(name, arguments)
    if len(arguments) == 1:
        return [_outputs_with_objects(arguments[0])], _plain_messages
    first, second, *rest = arguments
    if is_chat_message(first) and isinstance(second, dict):
        message = from_chat_format(first)
        if isinstance(exported, type):
            from sygra.core.graph.sygra_message import SygraMessage

            message = SygraMessage(message)
        first = message
    elif not (isinstance(first, dict) and ("node_type" in first or "lambda" in first)):
        return arguments, _as_it_is
    state, messages = _with_objects(second)
    return [first, state, *rest], functools.partial(_merged_messages, messages)


def _convert_output(name, arguments):
    """Methods of an output generator: (value, state), or generate(state)."""
    if len(arguments) == 1:
        return [_with_objects(arguments[0])[0]], _as_it_is
    value, state, *rest = arguments
    converted, messages = _with_objects(state)
    if messages is not None and value == messages.formatted:
        value = messages.objects
    return [value, converted, *rest], _as_it_is


def _with_objects(state):
    if not isinstance(state, dict) or not isinstance(state.get("messages"), list):
        return state, None
    messages = StateMessages(state["messages"])
    return {**state, "messages": list(messages.objects)}, messages


def _outputs_with_objects(value):
    """A state; or what several models have answered, each by its label as a state of its own."""
    if isinstance(value, dict) and value and all(isinstance(item, dict) for item in value.values()):
        return {label: _with_objects(output)[0] for label, output in value.items()}
    return _with_objects(value)[0]


def _as_it_is(value):
    return value


def _plain_messages(value):
    """A prepared state, whose messages are what the prompt is made from; or a condition's answer."""
    if isinstance(value, dict) and isinstance(value.get("messages"), (list, tuple)):
        return {**value, "messages": [to_chat_format(message) for message in value["messages"]]}
    return value


def _merged_messages(messages, value):
    if not isinstance(value, dict) or "messages" not in value:
        return value
    before = messages if messages is not None else StateMessages([])
    return {**value, "messages": before.merged(value["messages"])}
