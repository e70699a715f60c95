"""What the columns of a price table are called, and what they mean here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable

from quantetf_core.errors import SourceError
from quantetf_core.units import CASH

PRICE_FIELDS = ("open", "high", "low", "close", "adj_close")
"""Fields in USD per share; ``volume`` is the only other one."""

_FIELD_NAMES = {
    "open": ("open", "openprice"),
    "high": ("high", "highprice"),
    "low": ("low", "lowprice"),
    "close": ("close", "closeprice", "closelast"),
    "adj_close": ("adjclose", "adjustedclose", "adjcloseprice", "closeadj", "closeadjusted"),
    "volume": ("volume", "vol"),
}
_DATE_NAMES = ("date", "datetime", "timestamp", "day", "session", "observationdate", "tradedate")
_TICKER_NAMES = ("ticker", "symbol")
_MEANING = {
    **{name: field for field, names in _FIELD_NAMES.items() for name in names},
    **dict.fromkeys(_DATE_NAMES, "date"),
    **dict.fromkeys(_TICKER_NAMES, "ticker"),
}

ACCEPTED_LONG = "columns date, ticker, close and optionally adj_close, open, high, low, volume"
"""The long layout, as every error names it."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain_name(name: Hashable) -> str:
    """A column's name in lower case, letters and digits only.

    Examples
    --------
    >>> [plain_name(name) for name in ("Adj Close", "<TICKER>", "^VIX", "adj_close")]
    ['adjclose', 'ticker', 'vix', 'adjclose']
    """
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def meaning(name: Hashable) -> str | None:
    """``date``, ``ticker`` or a field of `PANEL_FIELDS` that a column name stands for, or None.

    Examples
    --------
    >>> meaning("Adj. Close"), meaning("<VOL>"), meaning("Dividends")
    ('adj_close', 'volume', None)
    """
    return _MEANING.get(plain_name(name))


def identify(
    columns: Iterable[Hashable], *, origin: str, needed: Iterable[str], accepted: str
) -> tuple[dict[str, Hashable], tuple[str, ...]]:
    """Which column is which, and the names of those that mean nothing here.

    Parameters
    ----------
    columns
        Names as the source has them.
    origin
        Name of the source, for the error.
    needed
        Meanings that must be there.
    accepted
        What the error says is accepted.

    Returns
    -------
    found, ignored
        Meaning → column name; names of the extra columns, sorted.

    Raises
    ------
    SourceError
        When a needed column is missing, or two columns have the same meaning.
    """
    found: dict[str, Hashable] = {}
    ignored = []
    names = list(columns)
    for name in names:
        what = meaning(name)
        if what is None:
            ignored.append(str(name).strip() or "(unnamed)")
        elif what in found:
            raise SourceError(
                origin, f"columns {str(found[what])!r} and {str(name)!r} both mean {what}", accepted
            )
        else:
            found[what] = name
    missing = [what for what in needed if what not in found]
    if missing:
        shown = ", ".join(repr(str(name)) for name in names) or "none"
        raise SourceError(origin, f"no column {' or '.join(missing)} among {shown}", accepted)
    return found, tuple(sorted(ignored))


def clean_ticker(ticker: object, *, origin: str, where: str) -> str:
    """A ticker without surrounding spaces.

    Any printable name is data (screens escape it); a name that cannot be seen is refused, and so
    is the label of the cash row.

    Raises
    ------
    SourceError
        When the ticker is not text, is blank, has invisible or control characters, or is
        ``$CASH$``.

    Examples
    --------
    >>> clean_ticker(" SPY ", origin="prices", where="row 1")
    'SPY'
    """
    accepted = "a ticker of printable characters on every row"
    if not isinstance(ticker, str):
        raise SourceError(origin, f"{where} has {ticker!r} for a ticker", accepted)
    trimmed = ticker.strip()
    if not trimmed:
        raise SourceError(origin, f"{where} has a blank ticker", accepted)
    if any(unicodedata.category(character) in _INVISIBLE for character in trimmed):
        raise SourceError(
            origin, f"{where} has the ticker {ticker!a}, with a control character", accepted
        )
    if trimmed == CASH:
        raise SourceError(origin, f"{where} has the ticker {CASH}, the label of cash", accepted)
    return trimmed
