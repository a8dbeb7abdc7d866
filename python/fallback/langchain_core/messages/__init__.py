"""Chat messages as task helpers make and read them."""


class BaseMessage:
    """A message with a text or a list of parts as its content; further fields become attributes."""

    type = "base"

    def __init__(self, content="", **fields):
        self.content = content
        self.name = fields.pop("name", None)
        self.id = fields.pop("id", None)
        self.additional_kwargs = fields.pop("additional_kwargs", None) or {}
        self.response_metadata = fields.pop("response_metadata", None) or {}
        fields.pop("type", None)
        for key, value in fields.items():
            setattr(self, key, value)

    def text(self):
        if isinstance(self.content, str):
            return self.content
        parts = [part if isinstance(part, str) else part.get("text", "") for part in self.content]
        return "".join(parts)

    def model_dump(self):
        return {"type": self.type, **vars(self)}

    dict = model_dump

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None

    def __repr__(self):
        return "{}(content={!r})".format(type(self).__name__, self.content)


class HumanMessage(BaseMessage):
    type = "human"


class SystemMessage(BaseMessage):
    type = "system"


class AIMessage(BaseMessage):
    type = "ai"

    def __init__(self, content="", **fields):
        self.tool_calls = fields.pop("tool_calls", None) or []
        self.invalid_tool_calls = fields.pop("invalid_tool_calls", None) or []
        self.usage_metadata = fields.pop("usage_metadata", None)
        super().__init__(content, **fields)


class ToolMessage(BaseMessage):
    type = "tool"

    def __init__(self, content="", tool_call_id="", **fields):
        self.tool_call_id = tool_call_id
        self.status = fields.pop("status", "success")
        self.artifact = fields.pop("artifact", None)
        super().__init__(content, **fields)


class FunctionMessage(BaseMessage):
    type = "function"


class ChatMessage(BaseMessage):
    type = "chat"

    def __init__(self, content="", role="", **fields):
        self.role = role
        super().__init__(content, **fields)


class ToolCall(dict):
    """A call that a model asks for: name, args and id."""


AnyMessage = BaseMessage
