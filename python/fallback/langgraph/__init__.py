"""Stands in for langgraph where it is not installed; the real package wins."""
