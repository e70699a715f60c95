"""What the desk says of a portfolio's data, and how a finding is accepted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quantetf_core import desk
from quantetf_core.config import ACCEPTED_FINDINGS
from quantetf_core.data.market import MarketData
from quantetf_core.desk import QualityFinding
from quantetf_core.errors import ApprovalError, ChecksBlockError, ConfigError
from quantetf_core.findings import Severity
from tests.spoiled import ENDS_ON, SPLIT_ON, TICKERS, spoil
from tests.workspace import new_workspace, use_everywhere

NOW = dt.datetime(2024, 1, 2, 14, 0, tzinfo=dt.UTC)
SPLIT = "unadjusted_split:BBB"


@pytest.fixture
def portfolio(tmp_path: Path) -> desk.Portfolio:
    root = new_workspace(tmp_path / "desk")
    spoil(root)
    use_everywhere(root, "momentum_short")
    return desk.open_portfolio(root, "spoiled")


@pytest.fixture
def market(portfolio: desk.Portfolio) -> MarketData:
    return desk.load_market(portfolio, now=NOW)


def about(portfolio: desk.Portfolio, market: MarketData, ticker: str) -> QualityFinding:
    found = desk.data_quality(portfolio, market)
    return next(one for one in found if one.subject == ticker)


def test_each_finding_says_what_its_ticker_is_to_the_portfolio(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    touches = desk.touched(portfolio, market, now=NOW)
    assert touches["BBB"] == "wanted"
    assert touches["DDD"] == "universe"
    assert touches["VIX"] == "regime"
    table = desk.quality_table(desk.data_quality(portfolio, market), touches)
    assert table["subject"].tolist()[:2] == ["DDD", "BBB"]
    assert table["touches"].tolist()[:2] == ["universe", "wanted"]
    assert desk.quality_table([], {}).columns.tolist() == table.columns.tolist()


def test_where_no_plan_can_be_made_nothing_is_wanted(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    panels = {name: market.panel(name).drop(columns="SPY") for name in market.fields}
    without = MarketData.from_panels(panels, market.vix, source="no SPY")
    touches = desk.touched(portfolio, without, now=NOW)
    assert touches["BBB"] == "universe"
    assert touches["SPY"] == "regime"


def test_coverage_counts_from_the_first_close_and_shows_who_ends_early(market: MarketData) -> None:
    share = desk.coverage(market)
    assert tuple(share.index) == TICKERS
    assert share.shape == (6, 8)
    assert share.loc["AAA"].tolist() == [1.0] * 8
    sessions = market.sessions[market.sessions >= "2023-10-01"]
    there = int((sessions <= ENDS_ON).sum())
    assert share.loc["DDD"].iloc[-1] == there / len(sessions)
    late = {name: market.panel(name).copy() for name in market.fields}
    for frame in late.values():
        frame.iloc[:100, frame.columns.get_loc("AAA")] = np.nan
    started = desk.coverage(MarketData.from_panels(late, market.vix, source="late"))
    assert np.isnan(started.loc["AAA"].iloc[0])
    assert started.loc["AAA"].iloc[1] == 1.0


def test_the_prices_around_a_finding_reach_so_far_on_both_sides(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    split = about(portfolio, market, "BBB")
    window = desk.event_window(market, split, sessions=5)
    assert len(window) == 11
    assert str(window.index[5].date()) == SPLIT_ON
    assert window.columns.tolist() == ["close", "adj_close", "volume"]
    vix = desk.event_window(market, replace(split, subject="VIX"), sessions=5)
    assert vix.columns.tolist() == ["vix"]
    assert desk.event_window(market, replace(split, subject="ZZZ")).empty
    assert desk.event_window(market, replace(split, session=None, first=None)).empty


def test_accepting_writes_the_file_and_the_plan_trades_the_ticker(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    before = desk.propose(portfolio, market, now=NOW)
    entry = desk.accept_finding(
        portfolio, about(portfolio, market, "BBB"), note=" a merger ", by="Ada"
    )
    assert (entry.ticker, str(entry.date), entry.note) == ("BBB", SPLIT_ON, "a merger")
    again = desk.open_portfolio(portfolio.root, "spoiled")
    assert again.settings.accepted == (entry,)
    after = desk.propose(again, market, now=NOW)
    assert "BBB" in {line.ticker for line in after.orders}
    assert "BBB" not in {line.ticker for line in before.orders}
    assert not desk.acceptable(about(again, market, "BBB"))


@pytest.mark.parametrize(
    ("note", "by", "why"), [("", "Ada", "a note"), ("fine", " ", "a name"), ("", "", "a name and")]
)
def test_accepting_needs_a_name_and_a_note(
    portfolio: desk.Portfolio, market: MarketData, note: str, by: str, why: str
) -> None:
    with pytest.raises(ApprovalError, match=why):
        desk.accept_finding(portfolio, about(portfolio, market, "BBB"), note=note, by=by)


def test_what_is_not_there_or_has_no_date_cannot_be_accepted(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    stale = about(portfolio, market, "DDD")
    assert stale.severity is Severity.BLOCK
    assert not desk.acceptable(stale)
    with pytest.raises(ApprovalError, match="a fault of a price that is there"):
        desk.accept_finding(portfolio, stale, note="n", by="b")
    dateless = replace(about(portfolio, market, "BBB"), first=None)
    with pytest.raises(ApprovalError, match="a finding of one date"):
        desk.accept_finding(portfolio, dateless, note="n", by="b")


def test_a_file_that_cannot_be_written_is_a_sentence(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    file = portfolio.root / ACCEPTED_FINDINGS
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be written now"):
        desk.accept_finding(portfolio, about(portfolio, market, "BBB"), note="n", by="b")


def test_only_a_reason_for_every_block_on_data_lets_the_rest_be_committed(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    plan = desk.propose(portfolio, market, now=NOW)
    notes = {warning.code: "seen" for warning in plan.warnings}
    asked = {"approver": "Ada", "notes": notes, "now": NOW}
    for given in (None, {SPLIT: "  "}, {"unadjusted_split:AAA": "fine"}):
        with pytest.raises(ChecksBlockError, match="unadjusted_split"):
            desk.commit(portfolio, plan, overrides=given, **asked)
    with pytest.raises(ApprovalError, match="the approver's name"):
        desk.commit(portfolio, plan, overrides={SPLIT: "seen"}, **{**asked, "approver": ""})
    receipt = desk.commit(portfolio, plan, overrides={SPLIT: "the vendor is late"}, **asked)
    kept = desk.read(portfolio, receipt.commit_id).manifest.acknowledged
    assert [
        (a.finding.severity, a.finding.subject, a.note) for a in kept if a.finding in plan.blocks
    ] == [(Severity.BLOCK, "BBB", "the vendor is late")]
    assert desk.verify(portfolio).ok


def test_no_reason_overrides_stale_data(portfolio: desk.Portfolio, market: MarketData) -> None:
    plan = desk.propose(portfolio, market, now=NOW, as_of=dt.date(2024, 1, 31))
    assert [block.code for block in plan.final_blocks] == ["freshness"]
    reasons = {f"{block.code}:{block.subject}": "go" for block in plan.blocks}
    with pytest.raises(ChecksBlockError, match="freshness"):
        desk.commit(portfolio, plan, approver="Ada", overrides=reasons, now=NOW)
