class SygraMessage:
    """What a post-processor gets: `message` is the model's chat message, whose fields can also be read directly."""

    def __init__(self, msg):
        self._message = msg

    @property
    def message(self):
        return self._message

    def __getattr__(self, name):
        # Copying and pickling ask for special names before there is a message.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._message, name)

    def __str__(self):
        return str(self._message.content)
