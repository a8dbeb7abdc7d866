class ModelPostProcessor:
    """Changes the text of an answer before anything else sees it: apply(text) returns text."""


class RemoveThinkData(ModelPostProcessor):
    """Cuts out the first block between two tags."""

    def __init__(self, start_tag="<think>", end_tag="</think>"):
        self.start_tag = start_tag
        self.end_tag = end_tag

    def apply(self, generated_text):
        before, start, rest = generated_text.partition(self.start_tag)
        _, end, after = rest.partition(self.end_tag)
        return before + after if start and end else generated_text
