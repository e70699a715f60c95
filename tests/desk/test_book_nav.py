"""The book's own past: read where a drawdown brake asks for it, and never beyond the session."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import DailyRegimeMonitor, DataAccessContext, RegimeAwareRebalancer, desk
from quantetf_core.data.market import MarketData
from quantetf_core.ledger import history
from quantetf_core.ledger.nav import book_nav
from quantetf_core.portfolio.overlays import OverlayState
from tests import builders, recorded
from tests.workspace import new_workspace, use_everywhere

NOW = datetime(2024, 1, 2, 14, 0, tzinfo=UTC)
TICKERS = (
    *("SPY", "QQQ", "IWM", "XLK", "XLF", "XLE", "XLV", "XLP", "XLU", "EFA", "EEM", "EWJ"),
    *("AGG", "TLT", "LQD", "HYG", "GLD", "VNQ", "DBC", "BIL"),
)
FIRST, SECOND, THIRD = 300, 320, 339


@pytest.fixture(scope="module")
def market() -> MarketData:
    """Random walks that fall by a sixth between the first and the second decision."""
    walk = builders.random_market(TICKERS, n_sessions=340, seed=3)
    fall = np.ones(340)
    fall[FIRST + 10 :] = 5.0 / 6.0
    panels = {name: walk.panel(name).mul(fall, axis=0).round(2) for name in ("close", "adj_close")}
    return MarketData.from_panels(panels, walk.vix, source="test market", simulated=True)


def opened(folder: Path, *, brake: bool = True, regimes: str = "every") -> desk.Portfolio:
    """The sample portfolio under a replayed clock; the strategy with a brake in some regimes."""
    workspace = new_workspace(folder)
    edit(workspace / "configs/portfolios/sample.yaml", "clock: exchange", "clock: replay")
    strategy = workspace / "configs/strategies/guarded_momentum.yaml"
    edit(strategy, "target: 0.12", "target: 1.00")  # so that only the brake holds back
    if not brake:
        edit(strategy, "enabled: true", "enabled: false")
    if regimes == "every":
        use_everywhere(workspace, "guarded_momentum")
    else:
        mapping = workspace / "configs/regimes/default_mapping.yaml"
        edit(mapping, "strategy: cautious", "strategy: guarded_momentum")
        edit(mapping, "strategies/cautious.yaml", "strategies/guarded_momentum.yaml")
    return desk.open_portfolio(workspace, "sample")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def day(market: MarketData, row: int) -> date:
    return market.sessions[row].date()


def rebalance(portfolio: desk.Portfolio, market: MarketData, row: int) -> None:
    plan = desk.propose(portfolio, market, now=NOW, as_of=day(market, row))
    notes = {warning.code: "seen" for warning in plan.warnings}
    desk.commit(portfolio, plan, approver="Ada", notes=notes, now=NOW)


def proposed(portfolio: desk.Portfolio, market: MarketData, row: int, **how: object):
    return desk.propose(portfolio, market, now=NOW, as_of=day(market, row), **how)


def test_the_brake_measures_the_growth_that_holdings_show(
    tmp_path: Path, market: MarketData
) -> None:
    portfolio = opened(tmp_path)
    assert proposed(portfolio, market, FIRST).used.situation.nav == ()
    rebalance(portfolio, market, FIRST)
    plan = proposed(portfolio, market, SECOND)
    shown = desk.value_history(portfolio, market.as_of(market.sessions[SECOND]))
    growth = shown.frame["growth"]
    nav = plan.used.situation.nav
    assert [(pd.Timestamp(at), value) for at, value in nav] == list(growth.items())
    assert nav[-1][0] == day(market, SECOND)
    step = plan.used.overlays[-1]
    assert step.measured == growth.iloc[-1] / growth.max() - 1.0
    assert step.measured < -0.1
    assert step.applied
    assert step.exposure_after < step.exposure_before


def test_a_deposit_is_no_gain_that_lifts_the_brake(tmp_path: Path, market: MarketData) -> None:
    portfolio = opened(tmp_path)
    rebalance(portfolio, market, FIRST)
    before = proposed(portfolio, market, SECOND).used.overlays[-1].measured
    approved = desk.approval(market, approver="Ada", note="")
    recorded.moved_cash(
        portfolio,
        market,
        flow="deposit",
        amount=750_000.0,
        as_of=day(market, SECOND),
        approved=approved,
        now=NOW,
    )
    after = proposed(portfolio, market, SECOND).used.overlays[-1].measured
    assert after == pytest.approx(before, abs=1e-9)


def test_a_past_session_knows_no_later_commit_and_no_later_price(
    tmp_path: Path, market: MarketData
) -> None:
    portfolio = opened(tmp_path)
    rebalance(portfolio, market, FIRST)
    then = proposed(portfolio, market, SECOND).used.situation.nav
    rebalance(portfolio, market, SECOND)
    with_second = book_nav(desk.history(portfolio), market.as_of(market.sessions[SECOND]))
    rebalance(portfolio, market, THIRD)
    panels = {name: market.panel(name).copy() for name in market.fields}
    for frame in panels.values():
        frame.iloc[SECOND + 1 :] = 3.21
    spoilt = MarketData.from_panels(panels, market.vix, source="test market")
    known = spoilt.as_of(spoilt.sessions[SECOND])
    assert book_nav(desk.history(portfolio), known) == with_second
    assert with_second[:-1] == then[:-1]  # on the session itself the second cost its trades
    assert with_second[-1][1] < then[-1][1]


def test_what_is_tried_looks_at_the_same_past(tmp_path: Path, market: MarketData) -> None:
    portfolio = opened(tmp_path)
    rebalance(portfolio, market, FIRST)
    book = proposed(portfolio, market, SECOND)
    value = desk.book_value_of(book)
    for declared in (True, False):
        tried = desk.propose_value(
            portfolio,
            market,
            book=book,
            value=value + 1000.0,
            declared=declared,
            now=NOW,
            as_of=day(market, SECOND),
        )
        assert tried.used.situation.nav == book.used.situation.nav != ()
        assert tried.used.overlays == book.used.overlays


def never(*_: object) -> None:
    raise AssertionError("nobody asked for the book's past")


@pytest.mark.parametrize(("brake", "regimes"), [(False, "every"), (True, "unknown")])
def test_no_past_is_read_unless_the_strategy_in_force_has_a_brake_switched_on(
    tmp_path: Path,
    market: MarketData,
    monkeypatch: pytest.MonkeyPatch,
    *,
    brake: bool,
    regimes: str,
) -> None:
    monkeypatch.setattr("quantetf_core.ledger.nav.book_steps", never)
    portfolio = opened(tmp_path, brake=brake, regimes=regimes)
    rebalance(portfolio, market, FIRST)
    plan = proposed(portfolio, market, SECOND)
    assert plan.regime != "unknown"
    assert plan.used.situation.nav == ()


def test_a_damaged_history_leaves_the_brake_off_and_says_so(
    tmp_path: Path, market: MarketData
) -> None:
    portfolio = opened(tmp_path)
    rebalance(portfolio, market, FIRST)
    rebalance(portfolio, market, SECOND)
    first = desk.history(portfolio).entries[-1].folder
    (first / "holdings_after.json").write_bytes(b"{")
    plan = proposed(portfolio, market, THIRD)
    assert plan.used.overlays[-1].state is OverlayState.UNKNOWN
    assert "drawdown_unknown" in {finding.code for finding in plan.warnings}


def test_the_rebalancer_brakes_by_the_same_past(tmp_path: Path, market: MarketData) -> None:
    opened(tmp_path)  # for its configuration
    stacked = market.close.rename_axis("date").reset_index().melt("date", var_name="ticker")
    prices = stacked.rename(columns={"value": "close"})
    data = DataAccessContext.from_frames(prices=prices, vix=market.vix)
    robot = RegimeAwareRebalancer(
        data,
        DailyRegimeMonitor(data, state_dir=tmp_path / "state"),
        regime_mapping_path=tmp_path / "configs/regimes/default_mapping.yaml",
        strategy_configs_dir=tmp_path / "configs/strategies",
        artifacts_dir=tmp_path / "artifacts",
    )
    robot.rebalance(day(market, FIRST))
    braked = robot.dry_run(day(market, SECOND))
    known = data.market.as_of(market.sessions[SECOND])
    assert braked.used.situation.nav == book_nav(history(tmp_path / "artifacts"), known) != ()
    assert braked.used.overlays[-1].applied
