"""What the simulated funds pay out, and when: only sessions before it decide whether one pays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantetf_core.data.sources.simulation.draws import Floats
from quantetf_core.data.sources.simulation.funds import FUNDS, Pays
from quantetf_core.units import TRADING_DAYS_PER_YEAR

Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

_MONTHS_BETWEEN = {"monthly": 1, "quarterly": 3, "semiannual": 6}


def distributions(days: Days, short_rate: Floats, alive: Bools) -> Floats:
    """Fraction of the close before that goes ex in each session: what accrued since the last.

    Parameters
    ----------
    days
        Sessions, ``datetime64[D]``, shape ``(n_sessions,)``.
    short_rate
        Annual fraction, shape ``(n_sessions,)``.
    alive
        Whether a fund exists, shape ``(n_sessions, n_funds)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_sessions, n_funds)``; 0 where nothing goes ex.
    """
    paid = np.zeros(alive.shape)
    for column, fund in enumerate(FUNDS):
        yearly = short_rate if fund.distribution is None else np.full(len(days), fund.distribution)
        daily = np.where(alive[:, column], yearly / TRADING_DAYS_PER_YEAR, 0.0)
        accrued = np.add.accumulate(daily)
        rows = np.flatnonzero(goes_ex(days, fund.pays))
        paid[rows, column] = np.diff(accrued[rows], prepend=0.0)
    return paid


def goes_ex(days: Days, pays: Pays) -> Bools:
    """Sessions on which a distribution goes ex; never the very first session.

    The first session of a month for monthly payers; for the others the first on or after the
    third Friday of the last month of the quarter or half-year.
    """
    if pays == "never":
        return np.zeros(len(days), dtype=bool)
    months = days.astype("datetime64[M]")
    pay_from = months.astype("datetime64[D]")
    if pays != "monthly":
        # Day 0, 1970-01-01, was a Thursday: Fridays leave 1 on division by 7.
        to_friday = (1 - pay_from.astype(np.int64)) % 7
        pay_from = pay_from + (to_friday + 14).astype("timedelta64[D]")
    in_month = (months.astype(np.int64) + 1) % _MONTHS_BETWEEN[pays] == 0
    passed: Bools = in_month & (days >= pay_from)
    passed_before = np.append(True, passed[:-1] & (months[1:] == months[:-1]))
    first_past: Bools = passed & ~passed_before
    return first_past
