from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from quantetf_core.regime import label_history
from quantetf_core.regime.analysis import spells
from quantetf_core.regime.tables import change_table, share_table, why_unknown
from tests.regime.markets import histories

FROM = 230


def labels(count: int = 260) -> pd.DataFrame:
    """Unknown for 199 sessions, a calm uptrend to session 230, a nervous one from there."""
    days = pd.bdate_range("2001-01-01", periods=count)
    close = pd.Series(100.0 + np.arange(count) / 4, days)
    return label_history(close, pd.Series(np.where(np.arange(count) < FROM, 15, 30.0), days))


def test_each_change_carries_the_indicators_of_its_session_newest_first() -> None:
    history = labels()
    found = change_table(history)
    assert found["to_regime"].tolist() == ["uptrend_high_vol", "uptrend_low_vol"]
    assert found["from_sessions"].tolist() == [31, 199]
    assert found["to_sessions"].tolist() == [30, 31]
    assert found["ongoing"].tolist() == [True, False]
    assert found["date"].tolist() == [history.index[FROM], history.index[199]]
    assert found["spy_price"].tolist() == [100 + FROM / 4, 100 + 199 / 4]
    assert found["vix"].tolist() == [30.0, 15.0]
    assert found["spy_200ma"].iloc[1] == 100 + (0 + 199) / 2 / 4


def test_a_history_without_a_change_has_an_empty_table_with_the_same_columns() -> None:
    empty = change_table(labels(50))
    assert empty.empty
    assert empty.columns.tolist() == change_table(labels()).columns.tolist()


def test_shares_say_sessions_spells_and_their_average_and_longest() -> None:
    found = share_table(labels()).set_index("regime")
    assert found.loc["uptrend_low_vol"].tolist() == [31, 31 / 260, 1, 31.0, 31]
    assert found.loc["unknown", "sessions"] == 199
    never = found.loc["downtrend_low_vol"]
    assert (never["sessions"], never["spells"], never["longest"]) == (0, 0, 0)
    assert np.isnan(never["average"])


def test_unknown_has_a_row_only_where_it_occurs() -> None:
    known = labels().iloc[200:]
    assert "unknown" not in share_table(known)["regime"].tolist()
    assert len(share_table(known)) == 4


@settings(max_examples=25, deadline=None)
@given(histories())
def test_shares_add_up_and_every_change_is_a_new_spell(market: tuple[pd.Series, pd.Series]) -> None:
    history = label_history(*market)
    shares, changes = share_table(history), change_table(history)
    assert shares["sessions"].sum() == len(history)
    assert shares["spells"].sum() == len(changes) + 1 == len(spells(history))
    assert (why_unknown(history) == "") == (history["regime"].iloc[-1] != "unknown")


def with_gap(*, spy: int = 0, vix: int = 0, count: int = 260) -> pd.DataFrame:
    days = pd.bdate_range("2001-01-01", periods=count)
    close, fear = pd.Series(100.0, days), pd.Series(15.0, days)
    close.iloc[count - spy :] = np.nan
    fear.iloc[count - vix :] = np.nan
    return label_history(close, fear)


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (labels(1), "SPY has 1 close up to this session; its 200-day mean needs 200."),
        (labels(199), "SPY has 199 closes up to this session; its 200-day mean needs 200."),
        (labels(200), ""),
        (with_gap(spy=1), "SPY has no close on this session."),
        (with_gap(vix=3), ""),
        (
            with_gap(vix=4),
            "The VIX was last seen 4 sessions before this one, and a value is carried at most 3.",
        ),
        (with_gap(vix=260), "The VIX has no value up to this session."),
        (labels().iloc[:0], "There is no session yet."),
    ],
)
def test_an_unknown_regime_says_why_it_is_unknown(history: pd.DataFrame, why: str) -> None:
    assert why_unknown(history) == why


def test_a_mean_beyond_all_numbers_is_named_too() -> None:
    days = pd.bdate_range("2001-01-01", periods=200)
    history = label_history(pd.Series(1e307, days), pd.Series(15.0, days))
    assert why_unknown(history) == "SPY's mean of 200 closes is not a number."
