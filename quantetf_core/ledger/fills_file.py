"""``fills.csv`` and ``fill_report.csv``: what a commit keeps of a decision's fills."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields as fields_of
from datetime import UTC, datetime

import pandas as pd

from quantetf_core.csv_safe import csv_bytes, unguarded
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.fill_lines import Fill, FillLine, FillReport
from quantetf_core.ledger.fields import MalformedError

FILLS = "fills.csv"
FILL_REPORT = "fill_report.csv"
FILLS_COLUMNS = ("ticker", "side", "shares", "price", "fees", "time", "order_id")


def fills_csv(fills: Iterable[Fill]) -> bytes:
    """All fills of a decision, one a row, in an order that does not depend on how they came.

    Examples
    --------
    >>> print(fills_csv([Fill(ticker="SPY", shares=-2.0, price=500.25)]).decode())
    ticker,side,shares,price,fees,time,order_id
    SPY,SELL,2.0,500.25,0.0,,
    <BLANKLINE>
    """
    records = [
        (
            fill.ticker,
            "BUY" if fill.shares > 0 else "SELL",
            abs(fill.shares),
            fill.price,
            fill.fees,
            _utc(fill.time),
            fill.order_id,
        )
        for fill in sorted(fills, key=_place)
    ]
    return csv_bytes(pd.DataFrame.from_records(records, columns=list(FILLS_COLUMNS)))


def read_fills(content: bytes) -> tuple[Fill, ...]:
    """Decode ``fills.csv``.

    Raises
    ------
    MalformedError
        When it is not what `fills_csv` writes; names the line.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != FILLS_COLUMNS:
            raise MalformedError(f"{FILLS} has other columns than {', '.join(FILLS_COLUMNS)}")
        return tuple(_fill(row, reader.line_num) for row in reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedError(f"{FILLS} is not a CSV file ({error})") from error


def _fill(row: dict[str, str | None], line: int) -> Fill:
    text = {name: unguarded(row[name] or "") for name in FILLS_COLUMNS}
    try:
        if text["side"] not in ("BUY", "SELL"):
            raise ValueError("side")
        shares = float(text["shares"])
        return Fill(
            ticker=text["ticker"],
            shares=shares if text["side"] == "BUY" else -shares,
            price=float(text["price"]),
            fees=float(text["fees"]),
            time=datetime.fromisoformat(text["time"]) if text["time"] else None,
            order_id=text["order_id"],
        )
    except (ValueError, InvalidValueError) as error:
        raise MalformedError(f"{FILLS}, line {line} is not a fill") from error


def report_csv(report: FillReport) -> bytes:
    """What was ordered against what was filled, one ticker a row, as `FillLine` has it."""
    names = [field.name for field in fields_of(FillLine)]
    records = [
        (
            *(_cell(getattr(line, name)) for name in names),
            line.cash_effect,
            line.shortfall,
            line.shortfall_bps,
        )
        for line in report.lines
    ]
    columns = [*names, "cash_effect", "shortfall", "shortfall_bps"]
    return csv_bytes(pd.DataFrame.from_records(records, columns=columns))


def not_recorded(
    fills: Sequence[Fill], recorded: Sequence[Fill]
) -> tuple[tuple[Fill, ...], tuple[Fill, ...]]:
    """Fills that are new, and those that are recorded already.

    Two are the same when everything about them is: ticker, shares, price, fees, time, order id.
    Of fills that are alike, as many are new as there are more of than are recorded.

    Examples
    --------
    >>> one, two = (Fill(ticker="SPY", shares=n, price=500.0) for n in (1.0, 2.0))
    >>> new, old = not_recorded([one, two, two], [two])
    >>> [fill.shares for fill in new], [fill.shares for fill in old]
    ([1.0, 2.0], [2.0])
    """
    left = Counter(_place(fill) for fill in recorded)
    new: list[Fill] = []
    old: list[Fill] = []
    for fill in fills:
        key = _place(fill)
        (old if left[key] > 0 else new).append(fill)
        left[key] -= 1
    return tuple(new), tuple(old)


def twice(fills: Sequence[Fill]) -> tuple[Fill, ...]:
    """One of each set of fills that are the same in everything."""
    counted = Counter(_place(fill) for fill in fills)
    alike = {_place(fill): fill for fill in fills if counted[_place(fill)] > 1}
    return tuple(alike[key] for key in sorted(alike))


def _place(fill: Fill) -> tuple[str, str, str, float, float, float]:
    return (fill.ticker, _utc(fill.time), fill.order_id, fill.shares, fill.price, fill.fees)


def _utc(time: datetime | None) -> str:
    return "" if time is None else time.astimezone(UTC).isoformat()


def _cell(value: object) -> object:
    return _utc(value) if isinstance(value, datetime) else value
