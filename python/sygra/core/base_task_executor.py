class BaseTaskExecutor:
    """Kept so that subclasses can be defined; the run itself is the engine's."""

    def __init__(self, args=None, graph_config_dict=None):
        self.args = args
        self.config = graph_config_dict or {}

    def execute(self, *_args, **_kwargs):
        raise NotImplementedError("A task is run with `syngraph run`, not by its executor class")


class DefaultTaskExecutor(BaseTaskExecutor):
    """The executor of tasks that have none of their own."""
