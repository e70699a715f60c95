"""Two books side by side, line by line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.units import CASH


def book_changes(before: Holdings, after: Holdings, *, names: Mapping[str, str]) -> pd.DataFrame:
    """What becomes of each position and of cash when one book takes the place of another.

    Parameters
    ----------
    before, after
        The books.
    names
        Ticker → name of the fund.

    Returns
    -------
    DataFrame
        One row a ticker of either, cash last: ``ticker, name, change`` (``new``, ``gone``,
        ``more``, ``fewer``, ``same``), ``shares_before, shares_after, shares_delta`` (USD for
        cash), ``price, value_after, cost`` (USD; of the book after, NaN where not known or gone).
    """
    old = {position.ticker: position for position in before.positions}
    new = {position.ticker: position for position in after.positions}
    rows = [_row(ticker, old.get(ticker), new.get(ticker)) for ticker in sorted({*old, *new})]
    b, a = before.cash, after.cash
    rows.append((CASH, _word(b, a), b, a, a - b, np.nan, a, np.nan))
    columns = ["ticker", "change", "shares_before", "shares_after", "shares_delta", "price"]
    frame = pd.DataFrame.from_records(rows, columns=[*columns, "value_after", "cost"])
    named = [{CASH: "Cash, USD"}.get(t, names.get(t, "")) for t in frame["ticker"]]
    frame.insert(1, "name", named)
    return frame


def _row(
    ticker: str, old: Position | None, new: Position | None
) -> tuple[str, str, float, float, float, float, float, float]:
    before = 0.0 if old is None else old.shares
    after = 0.0 if new is None else new.shares
    price = np.nan if new is None or new.price is None else new.price
    cost = np.nan if new is None or new.cost is None else new.cost
    value = after * price if new is not None else 0.0
    return (ticker, _word(before, after), before, after, after - before, price, value, cost)


def _word(before: float, after: float) -> str:
    if before == after:
        return "same"
    if before == 0.0:
        return "new"
    if after == 0.0:
        return "gone"
    return "more" if after > before else "fewer"
