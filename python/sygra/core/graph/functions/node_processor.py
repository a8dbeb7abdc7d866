class NodePreProcessor:
    """Prepares the state that a prompt is made from: apply(state) returns it."""


class NodePostProcessor:
    """Reads an answer: apply(message) returns the keys to change."""


class NodePostProcessorWithState:
    """Reads an answer beside the state: apply(message, state) returns the keys to change."""
