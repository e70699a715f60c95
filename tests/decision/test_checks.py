"""Each pre-trade check on a book where the answer is plain."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from quantetf_core.config import (
    AssetClassCheck,
    ChecksConfig,
    CoverageCheck,
    FreshnessCheck,
    RebalanceConfig,
    ScheduleConfig,
    SwitchCheck,
    TurnoverCheck,
    VolumeCheck,
    WeightCheck,
)
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.decision.outcomes import outcomes
from quantetf_core.errors import InvalidValueError, PlanRefusedError
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Finding, Severity
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD")
WHOLE = AssetClassCheck(max_weight=1.0)
MARKET = builders.random_market(TICKERS, seed=3)


def found(result: RebalanceResult, code: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.code == code]


def decided(
    checks: ChecksConfig | None = None,
    *,
    market: MarketData = MARKET,
    schedule: ScheduleConfig | None = None,
    rebalance: RebalanceConfig | None = None,
    **facts: object,
) -> RebalanceResult:
    config = builders.settings(TICKERS, checks=checks, schedule=schedule, rebalance=rebalance)
    return decide(market, config, builders.situation(market, **facts))


def with_close(changes: dict[str, np.ndarray | float], *, start: int) -> MarketData:
    """The market with some closes replaced from a row on."""
    close = MARKET.close.copy()
    for ticker, values in changes.items():
        close.iloc[start:, close.columns.get_loc(ticker)] = values
    volume = MARKET.volume
    assert volume is not None
    return MarketData.from_panels(
        {"close": close, "adj_close": close, "volume": volume}, MARKET.vix, source="changed"
    )


def test_a_quiet_first_funding_has_nothing_to_report() -> None:
    result = decided()
    assert result.findings == ()
    assert result.confirmable


def test_data_that_is_two_sessions_behind_blocks_and_one_within_the_limit_does_not() -> None:
    late = decided(data_age=2)
    assert [f.severity for f in found(late, "freshness")] == [Severity.BLOCK]
    assert "2 sessions behind" in found(late, "freshness")[0].message
    allowed = ChecksConfig(freshness=FreshnessCheck(max_age_sessions=2))
    assert not found(decided(allowed, data_age=2), "freshness")


def test_an_unknown_regime_uses_the_fallback_and_says_so() -> None:
    market = MarketData.from_panels(
        {"close": MARKET.close}, MARKET.vix.where(np.arange(len(MARKET.sessions)) < 300), source="x"
    )
    result = decided(market=market)
    assert result.regime == "unknown"
    assert "for fallback" in found(result, "unknown_regime")[0].message


def test_turnover_above_the_limit_is_found_but_not_on_the_first_funding() -> None:
    strict = ChecksConfig(turnover=TurnoverCheck(max_turnover=0.1))
    assert not found(decided(strict), "turnover")
    held = builders.book({"AAA": 100.0}, cash=100_000.0)
    finding = found(decided(strict, holdings=held), "turnover")[0]
    assert finding.severity is Severity.WARN
    assert "the limit is 10.0%" in finding.message


def test_a_position_above_the_limit_is_named() -> None:
    result = decided(ChecksConfig(position_size=WeightCheck(action="block", max_weight=0.3)))
    named = {finding.subject for finding in found(result, "position_size")}
    assert named == {t.ticker for t in result.orders}
    assert not result.confirmable


def test_an_asset_class_above_the_limit_is_found_unless_it_is_exempt() -> None:
    limit = AssetClassCheck(max_weight=0.5)
    assert found(decided(ChecksConfig(asset_class=limit)), "asset_class")[0].subject == "Equity"
    exempt = AssetClassCheck(max_weight=0.5, exempt=("Equity",))
    assert not found(decided(ChecksConfig(asset_class=exempt)), "asset_class")


def test_a_trade_that_is_large_for_the_daily_volume_is_found() -> None:
    result = decided(ChecksConfig(volume_share=VolumeCheck(max_share=0.001)))
    first = result.orders[0]
    assert result.used.volume_share[first.ticker] == first.shares_delta / 1e6
    assert first.ticker in {finding.subject for finding in found(result, "volume_share")}


def test_without_volume_no_share_of_it_is_given() -> None:
    market = MarketData.from_panels({"close": MARKET.close}, MARKET.vix, source="no volume")
    assert decided(market=market).used.volume_share == {}


def test_an_off_schedule_session_is_found_and_names_the_next_due_date() -> None:
    schedule = ScheduleConfig(frequency="monthly")
    middle = pd.Timestamp("2019-03-13")
    held = builders.book({"AAA": 100.0}, cash=100_000.0)
    result = decided(schedule=schedule, as_of=middle, holdings=held)
    assert "last session of March 2019 (Fri 29 Mar)" in found(result, "off_schedule")[0].message
    assert not found(decided(schedule=schedule, as_of=middle), "off_schedule")
    due = decided(schedule=schedule, as_of=pd.Timestamp("2019-02-28"), holdings=held)
    assert not found(due, "off_schedule")


def test_missing_universe_coverage_names_who_is_missing() -> None:
    market = with_close({"BBB": np.nan}, start=len(MARKET.sessions) - 1)
    finding = found(decided(market=market), "universe_coverage")[0]
    assert "3 of 4" in finding.message
    assert "BBB" in finding.message
    lenient = ChecksConfig(universe_coverage=CoverageCheck(min_coverage=0.5))
    assert not found(decided(lenient, market=market), "universe_coverage")


def test_a_session_before_the_last_commit_blocks() -> None:
    result = decided(last_commit_as_of=date(2029, 1, 2))
    assert found(result, "before_last_commit")[0].severity is Severity.BLOCK


def test_an_earlier_session_than_the_latest_can_be_looked_at_and_not_confirmed() -> None:
    result = decided(as_of=MARKET.sessions[250], latest=MARKET.last_session)
    assert [finding.code for finding in result.blocks] == ["past_session"]


def test_a_check_that_is_off_says_nothing() -> None:
    off = ChecksConfig(
        before_last_commit=SwitchCheck(action="off"), asset_class=AssetClassCheck(action="off")
    )
    assert not decided(off, last_commit_as_of=date(2029, 1, 2)).findings


@pytest.mark.parametrize(
    ("action", "blocking"),
    [("block", "cash_floor"), ("warn", "negative_cash"), ("off", "negative_cash")],
)
def test_a_withdrawal_beyond_what_can_be_sold_is_never_confirmed(
    action: str, blocking: str
) -> None:
    market = with_close({"AAA": np.nan}, start=len(MARKET.sessions) - 2)
    held = builders.book({"AAA": 1_000.0}, cash=500.0)
    checks = ChecksConfig(cash_floor=SwitchCheck(action=action), asset_class=WHOLE)
    result = decided(checks, market=market, holdings=held, cash_flow=-1_000.0)
    assert [finding.code for finding in result.blocks] == [blocking]


def test_a_holding_whose_price_is_older_than_three_sessions_blocks_and_is_reserved() -> None:
    market = with_close({"AAA": np.nan}, start=len(MARKET.sessions) - 5)
    held = builders.book({"AAA": 1_000.0}, cash=100_000.0)
    result = decided(market=market, holdings=held)
    assert "stale_price" in {finding.code for finding in result.blocks}
    line = next(line for line in result.trades if line.ticker == "AAA")
    assert line.action == "HOLD"
    assert result.current_portfolio.loc["AAA", "notional"] > 0


def test_a_holding_that_was_never_priced_refuses_the_plan() -> None:
    with pytest.raises(PlanRefusedError, match="ZZZ"):
        decided(holdings=builders.book({"ZZZ": 1.0}, cash=10.0))


def test_a_split_since_the_holdings_date_blocks_its_line_and_the_plan() -> None:
    start = len(MARKET.sessions) - 3
    close = MARKET.close["AAA"].to_numpy()[start:] / 2
    market = with_close({"AAA": np.round(close, 2)}, start=start)
    held = builders.book({"AAA": 1_000.0}, cash=1_000.0)
    result = decided(market=market, holdings=held)
    assert "split_since_holdings" in {finding.code for finding in result.blocks}
    line = next(line for line in result.trades if line.ticker == "AAA")
    assert line.shares_delta == 0


def test_a_split_that_the_source_adjusted_for_is_seen_in_the_recorded_price() -> None:
    session = pd.Timestamp("2018-06-29")
    recorded = float(MARKET.close.loc[session, "AAA"]) * 2
    plain = builders.book({"AAA": 1_000.0}, cash=1_000.0)
    position = type(plain.positions[0])(ticker="AAA", shares=1_000.0, price=recorded)
    held = type(plain)(positions=(position,), cash=1_000.0, as_of=session.date(), commit_id="c")
    assert "split_since_holdings" in {f.code for f in decided(holdings=held).blocks}


def test_a_declared_flow_that_contradicts_the_value_is_refused() -> None:
    held = builders.book({"AAA": 1_000.0}, cash=1_000.0)
    with pytest.raises(InvalidValueError, match="plus the cash flow"):
        decided(holdings=held, portfolio_value=5.0, cash_flow=100.0)
    with pytest.raises(InvalidValueError, match="there is no book yet"):
        decided(portfolio_value=5.0, cash_flow=100.0)


def test_a_strategy_may_hold_only_the_tickers_it_lists_and_the_universe_has() -> None:
    listed = builders.strategy(tickers=("AAA", "XXX"), top_n=1)
    config = builders.settings(TICKERS, strategies={"all": listed})
    result = decide(MARKET, config, builders.situation(MARKET))
    assert {line.ticker for line in result.orders} == {"AAA"}
    assert "XXX" in found(result, "ticker_outside_universe")[0].message


def test_inverse_volatility_gives_the_quieter_ticker_more() -> None:
    quiet = MARKET.close["AAA"].copy()
    quiet.iloc[:] = 50 + np.arange(len(quiet)) * 0.01
    market = with_close({"AAA": quiet.to_numpy()}, start=0)
    listed = builders.strategy(tickers=("AAA", "BBB"), top_n=2, weighting="inverse_vol")
    config = builders.settings(TICKERS, strategies={"all": listed})
    ideal = {
        x.ticker: x.ideal_weight for x in decide(market, config, builders.situation(market)).trades
    }
    assert ideal["AAA"] > ideal["BBB"]


def test_data_findings_can_be_switched_off_or_made_to_block() -> None:
    start = len(MARKET.sessions) - 2
    jumped = np.round(MARKET.close["AAA"].to_numpy()[start:] * 1.6, 2)
    market = with_close({"AAA": jumped}, start=start)
    base = ChecksConfig()
    off = base.model_copy(
        update={"data_findings": base.data_findings.model_copy(update={"action": "off"})}
    )
    block = base.model_copy(
        update={"data_findings": base.data_findings.model_copy(update={"action": "block"})}
    )
    assert found(decided(market=market), "large_move")[0].severity is Severity.WARN
    assert not found(decided(off, market=market), "large_move")
    assert found(decided(block, market=market), "large_move")[0].severity is Severity.BLOCK


def test_a_source_with_one_close_only_is_said_and_its_other_findings_are_not() -> None:
    single = Finding(Severity.INFO, "single_close", "prices.csv", "one close only")
    other = Finding(Severity.WARN, "not_sessions", "prices.csv", "3 rows on closed days")
    market = MarketData.from_panels(
        {"close": MARKET.close}, MARKET.vix, source="x", findings=[single, other]
    )
    assert decided(market=market).findings == (single,)


def test_a_result_put_together_by_hand_has_no_inputs() -> None:
    result = RebalanceResult(
        pd.Timestamp("2024-01-02"), "uptrend_low_vol", "x", pd.DataFrame(), [], pd.DataFrame(), {}
    )
    with pytest.raises(PlanRefusedError, match="by hand"):
        _ = result.used
    assert result.to_dict()["turnover"] is None


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "1000", True])
@pytest.mark.parametrize("name", ["portfolio_value", "cash_flow"])
def test_money_that_is_no_number_is_refused_by_name(name: str, wrong: object) -> None:
    for holdings in (None, builders.book({}, cash=1_000.0)):
        asked = builders.situation(MARKET, holdings=holdings, **{name: wrong})
        with pytest.raises(InvalidValueError, match=f"{name}: found"):
            decide(MARKET, builders.settings(TICKERS), asked)


def edited(field: str, ticker: str, value: float) -> MarketData:
    """The market with one value of its newest session changed."""
    panels = {name: MARKET.panel(name).copy() for name in MARKET.fields}
    panels[field].loc[MARKET.last_session, ticker] = value
    return MarketData.from_panels(panels, MARKET.vix, source="test market")


@pytest.mark.parametrize("value", [float("nan"), -3.0])
def test_a_holding_without_an_adjusted_close_is_kept_and_said(value: float) -> None:
    best = decide(MARKET, builders.settings(TICKERS), builders.situation(MARKET)).orders[0].ticker
    held = builders.book({best: 1_000}, cash=50_000.0, as_of=str(MARKET.sessions[-9].date()))
    market = edited("adj_close", best, value)
    result = decide(market, builders.settings(TICKERS), builders.situation(market, holdings=held))
    line = next(line for line in result.trades if line.ticker == best)
    assert (line.action, line.reasons) == ("HOLD", (Reason.NO_ADJUSTED_CLOSE,))
    assert ("no_adjusted_close", best) in {(f.code, f.subject) for f in result.warnings}


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf")])
def test_a_ticker_whose_close_is_no_price_takes_no_place_among_the_best(value: float) -> None:
    best = decide(MARKET, builders.settings(TICKERS), builders.situation(MARKET)).orders[0].ticker
    market = edited("close", best, value)
    result = decide(market, builders.settings(TICKERS), builders.situation(market))
    assert len(result.orders) == 3
    assert best not in {line.ticker for line in result.trades}


@pytest.mark.parametrize(("clock", "blocks"), [("replay", True), ("exchange", False)])
def test_a_replay_never_goes_back_whatever_the_configuration_says(clock: str, blocks: bool) -> None:
    off = ChecksConfig(
        asset_class=AssetClassCheck(action="off"), before_last_commit=SwitchCheck(action="off")
    )
    later = builders.situation(MARKET, last_commit_as_of=date(2030, 1, 2))
    result = decide(MARKET, builders.settings(TICKERS, checks=off, clock=clock), later)
    assert ("before_last_commit" in {finding.code for finding in result.blocks}) is blocks
    ended = {outcome.code: outcome.outcome for outcome in outcomes(result)}
    assert ended["before_last_commit"] == ("found" if blocks else "off")
