class _Settings:
    """What helpers may ask about the task that runs."""

    def __init__(self):
        self.task = ""
        self.graph_properties = {}


settings = _Settings()
