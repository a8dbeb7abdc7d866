class DataTransform:
    """Changes the records of a source: transform(records, params) returns a list of records."""
