"""Locking a ticker on Holdings, seeing it on Review, lifting it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import holdings_entry
from pages.ui.state import Key
from quantetf_core import desk

OpenDesk = Callable[..., AppTest]
NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)


@pytest.fixture
def portfolio(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> desk.Portfolio:
    """A funded portfolio."""
    cache = tmp_path_factory.getbasetemp() / "cache"
    opened = desk.open_portfolio(workspace, "sample", cache_dir=cache)
    plan = desk.propose(opened, desk.load_market(opened, now=NOW), now=NOW)
    notes = {warning.code: "seen" for warning in plan.warnings}
    desk.commit(opened, plan, approver="Ada", notes=notes, now=NOW)
    return opened


def said(at: AppTest) -> str:
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.text, at.error, at.success)
    return " ".join(str(e.value) for kind in kinds for e in kind).replace("\\", "")


def run(changed: AppTest) -> AppTest:
    at = changed.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def labelled(found: object, label: str) -> object:
    return next(one for one in found if one.label == label)


def form(open_desk: OpenDesk) -> AppTest:
    at = open_desk("holdings")
    return run(at.segmented_control[0].set_value(holdings_entry.LOCK))


def test_a_ticker_is_locked_shown_on_review_and_lifted(
    portfolio: desk.Portfolio, open_desk: OpenDesk
) -> None:
    ticker = desk.holdings(portfolio)[0].tickers[0]
    at = form(open_desk)
    assert "Nothing is locked." in said(at)
    run(labelled(at.selectbox, "Ticker").set_value(ticker))
    run(labelled(at.radio, "What is forbidden").set_value(desk.LockRule.HOLD))
    assert "record_entry" not in [one.key for one in at.button]
    run(labelled(at.text_input, "Reason").set_value("a tender *offer*"))
    run(at.text_input(key=Key.APPROVER).set_value("Grace"))
    run(at.button(key="record_entry").click())
    (lock,) = desk.holdings(portfolio)[0].locks
    assert (lock.ticker, lock.rule, lock.reason) == (ticker, "hold", "a tender *offer*")
    assert f"Locked by a person, see “Record a change”: {ticker} (not traded)" in said(at)
    newest = desk.history(portfolio).newest
    shown = said(open_desk("history", id=newest.id))
    assert f"{ticker} was locked (hold): a tender *offer*" in shown

    review = open_desk("review")
    assert "locked by a person: not traded (a tender *offer*; since 2023-12-29)" in said(review)
    tables = [one.value for one in review.dataframe if "reason" in one.value]
    reasons = tables[0].set_index("ticker")["reason"]
    assert "locked: not traded" in reasons[ticker]

    at = form(open_desk)
    listed = next(one.value for one in at.dataframe if "by" in one.value)
    assert listed[["by", "state"]].to_numpy().tolist() == [["Grace", "in force"]]
    run(labelled(at.radio, "What to do").set_value("Lift a lock"))
    run(at.text_input(key=Key.APPROVER).set_value("Grace"))
    run(at.button(key="record_entry").click())
    assert desk.holdings(portfolio)[0].locks == ()
    assert desk.verify(portfolio).ok
