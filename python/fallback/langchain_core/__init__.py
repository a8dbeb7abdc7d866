"""Stands in for langchain_core where it is not installed; the real package wins."""
