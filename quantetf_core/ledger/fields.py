"""Reading JSON that somebody else may have touched: typed fields, or one kind of refusal."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from typing import Any, NoReturn


class MalformedError(ValueError):
    """Content that is not what this version writes; the message says where."""


def read_object(content: bytes) -> dict[str, Any]:
    """Parse bytes as one JSON object, without NaN, infinities or hostile nesting.

    Raises
    ------
    MalformedError
        When the bytes are anything else.

    Examples
    --------
    >>> read_object(b'{"a": 1}')
    {'a': 1}
    """
    try:
        loaded = json.loads(content, parse_constant=_refuse_constant)
    except RecursionError:
        raise MalformedError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise MalformedError("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise MalformedError(f"it is not JSON ({error.msg}, line {error.lineno})") from None
    except MalformedError:
        raise
    except ValueError:  # a number of thousands of digits
        raise MalformedError("it holds a number that cannot be read") from None
    if not isinstance(loaded, dict):
        raise MalformedError("it is not a JSON object")
    if b"\\u" in content:
        _refuse_half_characters(loaded)
    return loaded


def _refuse_half_characters(loaded: dict[str, Any]) -> None:
    """Refuse the escape of half a character: text that no screen or file can take."""
    try:
        json.dumps(loaded, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise MalformedError("it holds half of a character") from None


def _refuse_constant(found: str) -> NoReturn:
    raise MalformedError(f"it holds {found}, which is not a number")


def text(source: dict[str, Any], key: str) -> str:
    """The string under a key."""
    value = source.get(key)
    if not isinstance(value, str):
        raise MalformedError(f"{key} is not a text")
    return value


def optional_text(source: dict[str, Any], key: str) -> str | None:
    """The string under a key; None when absent or null."""
    return None if source.get(key) is None else text(source, key)


def number(source: dict[str, Any], key: str) -> float:
    """The finite number under a key."""
    value = source.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if math.isfinite(found):
            return found
    raise MalformedError(f"{key} is not a finite number")


def optional_number(source: dict[str, Any], key: str) -> float | None:
    """The finite number under a key; None when absent or null."""
    return None if source.get(key) is None else number(source, key)


def flag(source: dict[str, Any], key: str) -> bool:
    """The true or false under a key."""
    value = source.get(key)
    if not isinstance(value, bool):
        raise MalformedError(f"{key} is not true or false")
    return value


def mapping(source: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key."""
    value = source.get(key)
    if not isinstance(value, dict):
        raise MalformedError(f"{key} is not an object")
    return value


def rows(source: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under a key."""
    value = source.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise MalformedError(f"{key} is not a list of objects")
    return value


def day(source: dict[str, Any], key: str) -> date:
    """The date (``YYYY-MM-DD``) under a key."""
    try:
        return date.fromisoformat(text(source, key))
    except ValueError:
        raise MalformedError(f"{key} is not a date") from None


def optional_day(source: dict[str, Any], key: str) -> date | None:
    """The date under a key; None when absent or null."""
    return None if source.get(key) is None else day(source, key)


def moment(source: dict[str, Any], key: str) -> datetime:
    """The time with its UTC offset under a key."""
    try:
        found = datetime.fromisoformat(text(source, key))
    except ValueError:
        raise MalformedError(f"{key} is not a time") from None
    if found.tzinfo is None:
        raise MalformedError(f"{key} has no UTC offset")
    return found
