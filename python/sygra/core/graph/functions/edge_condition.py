class EdgeCondition:
    """Decides where a record goes next: apply(state) returns a key of path_map."""
