"""What a helper raised, with the traceback as far as it lies in the task's own files."""

import os
import traceback

_CHARACTERS = 8000
_OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def describe_failure(error, task_paths):
    frames = traceback.extract_tb(error.__traceback__)
    shown = [frame for frame in frames if not frame.filename.startswith(_OWN_FOLDER) and not _is_frozen(frame)]
    own = [frame for frame in shown if frame.filename in task_paths]
    message = "{}: {}".format(type(error).__name__, error) if str(error) else type(error).__name__
    if own:
        message += " ({}:{})".format(own[-1].filename, own[-1].lineno)
    elif isinstance(error, SyntaxError) and error.filename:
        message = "{}: {} ({}:{})".format(type(error).__name__, error.msg, error.filename, error.lineno)
    lines = traceback.format_list(shown)
    lines = (["Traceback (most recent call last):\n"] if lines else []) + lines
    lines += traceback.format_exception_only(type(error), error)
    cause = error.__cause__
    if cause is not None:
        lines.insert(0, "{}: {}\n\nThe above was the cause of:\n\n".format(type(cause).__name__, cause))
    return {"message": _clip(message), "stack": _clip("".join(lines).rstrip("\n"))}


def _is_frozen(frame):
    return frame.filename.startswith("<frozen importlib")


def _clip(text):
    if len(text) <= _CHARACTERS:
        return text
    # The end of a traceback says most.
    return "… ({} characters left out)\n{}".format(len(text) - _CHARACTERS, text[-_CHARACTERS:])
