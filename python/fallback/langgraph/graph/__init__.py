"""Names of the two nodes that every graph has."""

START = "__start__"
END = "__end__"
