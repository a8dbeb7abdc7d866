"""Runs the helpers of a task in a process of their own. Standard library only, Python 3.9 and later."""
