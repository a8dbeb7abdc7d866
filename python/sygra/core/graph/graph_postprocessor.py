class GraphPostProcessor:
    """Works on the whole dataset: process(rows, metadata) returns the rows that stay."""

    def __init__(self, *args, **kwargs):
        self.params = kwargs
