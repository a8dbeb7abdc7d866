class SygraState(dict):
    """The state of one record: a mapping from key to value."""
