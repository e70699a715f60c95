"""A book marked to the closes of a session: values, weights, drift and gains, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.config import Universe
from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import PriceMarks, price_marks
from quantetf_core.data.quality import data_findings
from quantetf_core.findings import Finding, in_order
from quantetf_core.portfolio.disputes import dispute_findings
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from quantetf_core.portfolio.stated_shares import split_findings, splits_since_stated
from quantetf_core.units import BPS, CASH, from_cents, to_cents

Floats = npt.NDArray[np.float64]

_PRICE_AGES = ("carried_price", "stale_price", "never_priced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the last rebalance wanted to hold: its commit, its session, weights with ``$CASH$``."""

    commit_id: str
    as_of: date
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkedBook:
    """A book at the closes of a session.

    Parameters
    ----------
    as_of
        The session.
    holdings
        The book: its basis, its commit, and the date its shares were last stated.
    frame
        One row a ticker held or wanted by the last target, by value, largest first, then ticker;
        cash last: ``ticker, name, asset_class, shares, price`` (USD), ``price_date, age``
        (sessions; −1 never priced), ``value`` (USD), ``weight`` (of the total), ``target_weight,
        drift_bps, price_then`` (USD, recorded when the shares were stated), ``gain`` (USD),
        ``gain_pct`` (fraction), ``cost`` (USD a share), ``gain_on_cost, gain_on_cost_pct``. NaN
        where not known: prices and gains of a line with a suspected split compare unlike shares.
    known
        USD of cash and of every position with a price.
    total
        The same when every position has a price, otherwise None: nothing is guessed.
    target
        The last rebalance's, None before the first.
    findings
        Prices that are carried, stale or absent, splits not recorded yet.
    """

    as_of: pd.Timestamp
    holdings: Holdings
    frame: pd.DataFrame
    known: float
    total: float | None
    target: Target | None
    findings: tuple[Finding, ...]

    @property
    def cash(self) -> float:
        """USD of cash."""
        return self.holdings.cash

    @property
    def basis(self) -> Basis:
        """Whether the shares are assumed from trades or confirmed by a broker."""
        return self.holdings.basis

    @property
    def lines(self) -> pd.DataFrame:
        """The rows of positions held, without cash and without what is only wanted."""
        return self.frame[(self.frame["shares"] > 0) & (self.frame["ticker"] != CASH)]

    @property
    def splits(self) -> tuple[str, ...]:
        """Tickers whose share count may be out of date."""
        return tuple(f.subject for f in self.findings if f.code == "split_since_holdings")

    @property
    def gain(self) -> float:
        """USD gained by the positions since the shares were stated; NaN when one is not known."""
        return float(self.lines["gain"].sum(skipna=False))

    @property
    def gain_pct(self) -> float:
        """`gain` as a fraction of what the positions were worth then; NaN when not known."""
        then = float((self.lines["shares"] * self.lines["price_then"]).sum(skipna=False))
        return self.gain / then if then > 0 else np.nan

    @property
    def largest_drift(self) -> tuple[str, float] | None:
        """Ticker and signed basis points of the largest drift; None where there is none known."""
        drift = self.frame.set_index("ticker")["drift_bps"].dropna()
        if drift.empty:
            return None
        ticker = str(drift.abs().idxmax())
        return ticker, float(drift[ticker])


def mark(
    holdings: Holdings,
    market: MarketData,
    *,
    as_of: pd.Timestamp,
    universe: Universe,
    target: Target | None = None,
) -> MarkedBook:
    """Mark a book to the closes of a session; later rows are not looked at.

    Parameters
    ----------
    holdings
        The book.
    market
        Prices.
    as_of
        The session.
    universe
        Names and asset classes.
    target
        What the last rebalance wanted; None gives no drift.
    """
    wanted = () if target is None else (t for t in target.weights if t != CASH)
    tickers = tuple(sorted({*holdings.tickers, *wanted}))
    marks = price_marks(market, as_of=as_of, tickers=tickers)
    held = {position.ticker: position for position in holdings.positions}
    splits = splits_since_stated(holdings, market, as_of=as_of)
    frame = _lines(marks, held, splits)
    value = frame["value"].to_numpy()
    known = from_cents(to_cents(float(np.nansum(value))) + to_cents(holdings.cash))
    total = None if np.isnan(value).any() else known
    frame = frame.sort_values(["value", "ticker"], ascending=[False, True], kind="stable")
    frame = pd.concat([frame, _cash(holdings.cash)], ignore_index=True)
    _add_weights(frame, total, target)
    names, classes = universe.names, universe.asset_classes
    frame.insert(1, "name", [_named(t, names, "Cash") for t in frame["ticker"]])
    frame.insert(2, "asset_class", [_named(t, classes, "Cash") for t in frame["ticker"]])
    return MarkedBook(
        as_of=as_of,
        holdings=holdings,
        frame=frame,
        known=known,
        total=total,
        target=target,
        findings=in_order(
            (
                *_price_findings(market, as_of, held),
                *split_findings(splits, holdings),
                *dispute_findings(holdings),
            )
        ),
    )


def _lines(
    marks: PriceMarks, held: Mapping[str, Position], splits: Mapping[str, float]
) -> pd.DataFrame:
    shares = np.array([held[t].shares if t in held else 0.0 for t in marks.tickers])
    then = np.array(
        [np.nan if t in splits or t not in held else _known(held[t].price) for t in marks.tickers]
    )
    cost = np.array(
        [np.nan if t in splits or t not in held else _known(held[t].cost) for t in marks.tickers]
    )
    price = marks.valuation_price
    value = np.where(shares > 0, np.rint(shares * price * 100.0) / 100.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "ticker": np.array(marks.tickers, dtype=object),
                "shares": shares,
                "price": price,
                "price_date": [pd.NaT if d is None else pd.Timestamp(d) for d in marks.price_date],
                "age": marks.age,
                "value": value,
                "price_then": then,
                "gain": shares * (price - then),
                "gain_pct": price / then - 1.0,
                "cost": cost,
                "gain_on_cost": shares * (price - cost),
                "gain_on_cost_pct": price / cost - 1.0,
            }
        )


def _cash(usd: float) -> pd.DataFrame:
    return pd.DataFrame({"ticker": [CASH], "value": [usd]})


def _add_weights(frame: pd.DataFrame, total: float | None, target: Target | None) -> None:
    """Weights and drift, in place on a frame of our own."""
    weight = frame["value"] / total if total is not None and total > 0 else np.nan
    frame.insert(6, "weight", weight)
    wanted = np.nan if target is None else frame["ticker"].map(target.weights).fillna(0.0)
    frame.insert(7, "target_weight", wanted)
    frame.insert(8, "drift_bps", (frame["weight"] - frame["target_weight"]) / BPS)


def _price_findings(
    market: MarketData, as_of: pd.Timestamp, held: Mapping[str, Position]
) -> list[Finding]:
    found = data_findings(
        market, as_of=as_of, used=held, max_one_session_move=np.inf, lookback_sessions=1
    )
    return [f for f in found if f.code in _PRICE_AGES and f.subject in held]


def _named(ticker: str, names: Mapping[str, str], cash: str) -> str:
    return cash if ticker == CASH else names.get(ticker, "")


def _known(value: float | None) -> float:
    return np.nan if value is None else value
