class LambdaFunction:
    """A step in code: apply(configuration of the node, state) returns the keys to change."""


class AsyncLambdaFunction:
    """As LambdaFunction, with an asynchronous apply()."""
