class BaseOutputGenerator:
    """Its methods, named by `transform` in output_map, turn (value, state) into a field of the row."""

    def __init__(self, config=None):
        self.config = config or {}
        self.output_map = self.config.get("output_map", {})
