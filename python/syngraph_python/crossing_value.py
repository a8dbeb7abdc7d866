"""JSON of what a helper has answered. What JSON would drop or distort without a word is an error that names its place."""

import dataclasses
import datetime
import enum
import json
import math
import re

from .chat_messages import is_message_object, to_chat_format

_DEEPEST = 200
_LONGEST = 64 * 1024 * 1024
# Numbers of so many digits may lie beyond what a double holds exactly.
_MANY_DIGITS = re.compile(r"\d{16}")
_LARGEST = 2**53 - 1


def crossing_json(value):
    try:
        text = json.dumps(value, default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        _check(value, "", 0)
        raise
    if len(text) > _LONGEST:
        raise TypeError("answered with {} characters of JSON; at most {} are allowed".format(len(text), _LONGEST))
    if _MANY_DIGITS.search(text):
        _check(value, "", 0)
    return text


def _plain(value):
    """What is not JSON's own but has one obvious form in it."""
    if is_message_object(value):
        return to_chat_format(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=lambda item: json.dumps(item, default=_plain))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    # pydantic models; numpy's arrays and its numbers.
    for method in ("model_dump", "tolist"):
        if callable(getattr(value, method, None)) and not isinstance(value, type):
            return getattr(value, method)()
    raise TypeError("answered with {}, which JSON cannot hold".format(_article(value)))


def _check(value, place, depth):
    where = " at {}".format(place.lstrip(".")) if place else ""
    if depth > _DEEPEST:
        raise TypeError("answered with a value that contains itself or is nested deeper than {}".format(_DEEPEST))
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise TypeError("answered with the integer {}{}, too large to stay exact; return it as text".format(value, where))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError("answered with {}{}, which JSON cannot hold".format(value, where))
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, (str, int, float, bool, type(None))):
                raise TypeError("answered with a key of type {}{}; keys are text".format(type(key).__name__, where))
            _check(item, "{}.{}".format(place, key), depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check(item, "{}[{}]".format(place, index), depth + 1)
    else:
        try:
            plain = _plain(value)
        except TypeError:
            raise TypeError("answered with {}{}, which JSON cannot hold".format(_article(value), where)) from None
        _check(plain, place, depth + 1)


def _article(value):
    name = type(value).__name__
    return "{} {}".format("an" if name[0] in "aeiouAEIOU" else "a", name)
