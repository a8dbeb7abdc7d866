"""A logger that writes to the worker's log; SYNGRAPH_PYTHON_LOG names the lowest level shown, by default WARNING."""

import logging
import os
import sys


class _TaskLogger(logging.LoggerAdapter):
    def warn(self, message, *args, **kwargs):
        self.warning(message, *args, **kwargs)


def _make_logger():
    target = logging.getLogger("task")
    if not target.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        target.addHandler(handler)
        target.propagate = False
        level = logging.getLevelName(os.environ.get("SYNGRAPH_PYTHON_LOG", "WARNING").upper())
        target.setLevel(level if isinstance(level, int) else logging.WARNING)
    return _TaskLogger(target, {})


logger = _make_logger()
