"""Between messages as the state has them, {role, content, …}, and the objects that helpers work with."""

import json

_CLASS_OF_ROLE = {"user": "HumanMessage", "assistant": "AIMessage", "system": "SystemMessage", "tool": "ToolMessage"}
_ROLE_OF_TYPE = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool", "function": "tool"}


def is_chat_message(value):
    """A mapping that the state would hold as a message."""
    return isinstance(value, dict) and value.get("role") in _CLASS_OF_ROLE and "content" in value


def is_message_object(value):
    return hasattr(value, "content") and isinstance(getattr(value, "type", None), str) and not isinstance(value, dict)


def from_chat_format(message):
    """The message object of a mapping; anything else as it is."""
    if not is_chat_message(message):
        return message
    # Imported when there is a message, as the real package takes a second to load.
    from langchain_core import messages as classes

    role = message["role"]
    fields = {"content": message["content"] if message["content"] is not None else ""}
    if isinstance(message.get("name"), str):
        fields["name"] = message["name"]
    if role == "assistant" and message.get("tool_calls"):
        fields["tool_calls"] = [_call_from_chat_format(call) for call in message["tool_calls"]]
    if role == "tool":
        fields["tool_call_id"] = str(message.get("tool_call_id", ""))
    return getattr(classes, _CLASS_OF_ROLE[role])(**fields)


def to_chat_format(message):
    """The mapping of a message object, a (role, text) pair or a plain text, as langgraph takes them."""
    if isinstance(message, str):
        return {"role": "user", "content": message}
    if isinstance(message, (tuple, list)) and len(message) == 2:
        role, content = message
        return {"role": _ROLE_OF_TYPE.get(role, role), "content": content}
    if not is_message_object(message):
        return message
    role = _ROLE_OF_TYPE.get(message.type) or getattr(message, "role", None) or "user"
    formatted = {"role": role, "content": message.content}
    if getattr(message, "name", None):
        formatted["name"] = message.name
    if getattr(message, "tool_calls", None):
        formatted["tool_calls"] = [_call_to_chat_format(call) for call in message.tool_calls]
    if role == "tool" and getattr(message, "tool_call_id", None):
        formatted["tool_call_id"] = message.tool_call_id
    return formatted


def _call_from_chat_format(call):
    function = call.get("function")
    if not isinstance(function, dict):
        return call
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            arguments = {"raw_arguments": arguments}
    return {"name": function.get("name", ""), "args": arguments or {}, "id": call.get("id"), "type": "tool_call"}


def _call_to_chat_format(call):
    if "function" in call:
        return call
    function = {"name": call.get("name", ""), "arguments": json.dumps(call.get("args", {}))}
    return {"id": call.get("id"), "type": "function", "function": function}


class StateMessages:
    """The `messages` of one state as objects, which remembers what they were."""

    def __init__(self, formatted):
        self.formatted = formatted
        self.objects = [from_chat_format(message) for message in formatted]
        self._known = {id(message): index for index, message in enumerate(self.objects)}

    def merged(self, after):
        """
        As langgraph's reducer has it: messages that were there stay, with what was changed in them, and new
        ones are added at the end.
        """
        result = list(self.formatted)
        added = []
        for message in after if isinstance(after, (list, tuple)) else [after]:
            index = self._known.get(id(message))
            formatted = to_chat_format(message)
            if index is not None:
                # Unchanged content keeps fields that the objects have no place for.
                if formatted != to_chat_format(from_chat_format(self.formatted[index])):
                    result[index] = formatted
            elif not (is_chat_message(message) and message in self.formatted):
                added.append(formatted)
        return result + added
