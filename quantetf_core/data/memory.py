"""What was computed of a market and may be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")

_MOST = 512
_NOTHING = object()


class Memory:
    """Answers by key, shared by every view of a market, so a key names the session it is of."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The answer there is for a key, else what ``make`` gives, kept for the next time.

        ``make`` must be a pure function of the key and of rows up to the session it names; two
        threads that ask at once may both make it. All is forgotten when there is too much.

        Examples
        --------
        >>> memory = Memory()
        >>> memory.of("a", lambda: 1), memory.of("a", lambda: 2)
        (1, 1)
        """
        found = self._known.get(key, _NOTHING)
        if found is _NOTHING:
            found = make()
            if len(self._known) >= _MOST:
                self._known = {}
            self._known[key] = found
        value: Value = found
        return value
