"""Prices that cannot be trusted: the line, the market, the configuration, and a person's word."""

from __future__ import annotations

import pandas as pd
import pytest

from quantetf_core.config import (
    AcceptedFinding,
    AssetClassCheck,
    ChecksConfig,
    DataFindingsCheck,
    PriceQualityCheck,
    SwitchCheck,
)
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.decision.outcomes import Outcome, outcomes
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Severity
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD")
MARKET = builders.random_market(TICKERS, n_sessions=420, seed=3)
SPLIT_AT = 390
DAY = MARKET.sessions[SPLIT_AT].date()


def spoiled(ticker: str, factor: float = 0.5, *, vix: pd.Series | None = None) -> MarketData:
    """Both closes of a ticker multiplied from `SPLIT_AT` on."""
    panels = {name: MARKET.panel(name).copy() for name in MARKET.fields}
    for name in ("close", "adj_close"):
        panels[name].iloc[SPLIT_AT:, panels[name].columns.get_loc(ticker)] *= factor
    return MarketData.from_panels(panels, MARKET.vix if vix is None else vix, source="spoiled")


def checks(**more: object) -> ChecksConfig:
    return ChecksConfig(asset_class=AssetClassCheck(max_weight=1.0), **more)


def decided(
    market: MarketData,
    config: ChecksConfig | None = None,
    *,
    accepted: tuple[AcceptedFinding, ...] = (),
    held: dict[str, float] | None = None,
) -> RebalanceResult:
    settings = builders.settings(
        TICKERS, checks=config or checks(), strategies={"all": builders.strategy(top_n=4)}
    ).model_copy(update={"accepted": accepted})
    book = builders.book(held, as_of=str(MARKET.sessions[SPLIT_AT + 5].date())) if held else None
    return decide(market, settings, builders.situation(market, holdings=book))


def line(result: RebalanceResult, ticker: str):
    return next(trade for trade in result.trades if trade.ticker == ticker)


def graves(result: RebalanceResult) -> list[tuple[str, str, str]]:
    found = [f for f in result.findings if f.severity is not Severity.INFO]
    return [(f.severity.value, f.code, f.subject) for f in found if f.code != "off_schedule"]


def test_a_line_with_an_unadjusted_split_is_not_traded_and_the_others_are() -> None:
    result = decided(spoiled("BBB"))
    assert graves(result) == [("block", "unadjusted_split", "BBB")]
    assert (line(result, "BBB").action, line(result, "BBB").reasons) == (
        "HOLD",
        (Reason.UNTRUSTED_PRICE,),
    )
    assert {trade.ticker for trade in result.orders} == {"AAA", "CCC", "DDD"}
    assert result.findings[0].message.endswith("it does not trade")
    assert result.overridable == result.blocks
    assert not result.final_blocks
    assert not result.confirmable


def test_what_is_held_of_it_is_kept_whatever_the_scores_say() -> None:
    result = decided(spoiled("BBB"), held={"BBB": 100.0, "AAA": 10.0})
    assert line(result, "BBB").shares_delta == 0
    assert line(result, "BBB").reasons == (Reason.UNTRUSTED_PRICE,)


def test_a_ticker_nobody_holds_or_wants_blocks_nothing() -> None:
    panels = {name: MARKET.panel(name).copy() for name in MARKET.fields}
    for name in ("close", "adj_close"):
        panels[name]["ZZZ"] = panels[name]["AAA"]
        panels[name].iloc[SPLIT_AT:, panels[name].columns.get_loc("ZZZ")] *= 0.5
    panels["volume"]["ZZZ"] = 1e6
    market = MarketData.from_panels(panels, MARKET.vix, source="one more")
    assert graves(decided(market)) == []


def test_a_person_who_accepts_it_has_it_traded_and_a_note_says_so() -> None:
    said = AcceptedFinding(
        ticker="BBB", date=DAY, code="unadjusted_split", note="a real fall", by="Ada"
    )
    result = decided(spoiled("BBB"), accepted=(said,))
    assert graves(result) == []
    (note,) = [f for f in result.findings if f.subject == "BBB"]
    assert note.message.endswith("Accepted by Ada: a real fall")
    assert line(result, "BBB").action == "BUY"
    assert result.plan_id != decided(spoiled("BBB")).plan_id


def test_a_large_move_is_a_warning_that_can_be_accepted() -> None:
    market = spoiled("BBB", 1.6)
    assert graves(decided(market)) == [("warn", "large_move", "BBB")]
    said = AcceptedFinding(ticker="BBB", date=DAY, code="large_move", note="takeover", by="Ada")
    assert graves(decided(market, accepted=(said,))) == []


@pytest.mark.parametrize(
    ("action", "expected", "traded"),
    [
        ("block", [("block", "unadjusted_split", "BBB")], False),
        ("warn", [("warn", "unadjusted_split", "BBB")], True),
        ("off", [], True),
    ],
)
def test_the_configuration_weighs_a_fault(
    action: str, expected: list[tuple[str, str, str]], traded: bool
) -> None:
    config = checks(
        price_quality=PriceQualityCheck(action=action),
        data_findings=DataFindingsCheck(action="off"),
    )
    result = decided(spoiled("BBB"), config)
    assert graves(result) == expected
    assert (line(result, "BBB").action == "BUY") is traded


def test_a_fault_older_than_the_lookback_blocks_nothing() -> None:
    config = checks(price_quality=PriceQualityCheck(lookback_sessions=20))
    assert graves(decided(spoiled("BBB"), config)) == []


def test_a_wrong_spy_blocks_the_rebalance_and_no_line() -> None:
    result = decided(spoiled("SPY"))
    assert graves(result) == [("block", "unadjusted_split", "SPY")]
    assert result.blocks[0].message.endswith("the regime cannot be trusted")
    assert len(result.orders) == 4
    ended = {check.code: check.outcome for check in outcomes(result)}
    assert ended["signal_quality"] is Outcome.FOUND
    assert ended["price_quality"] is Outcome.PASSED


def test_a_vix_in_fractions_blocks_the_rebalance() -> None:
    vix = MARKET.vix.copy()
    vix.iloc[-3:] = 0.15
    result = decided(spoiled("AAA", 1.0, vix=vix))
    assert graves(result) == [("block", "vix_scale", "VIX")]
    quiet = decided(spoiled("AAA", 1.0, vix=vix), checks(signal_quality=SwitchCheck(action="warn")))
    assert graves(quiet) == [("warn", "vix_scale", "VIX")]


def test_a_missing_vix_blocks_where_the_configuration_says_so() -> None:
    vix = MARKET.vix.copy()
    vix.iloc[-5:] = float("nan")
    market = spoiled("AAA", 1.0, vix=vix)
    assert ("warn", "vix_missing", "VIX") in graves(decided(market))
    strict = decided(market, checks(signal_missing=SwitchCheck(action="block")))
    assert ("block", "vix_missing", "VIX") in graves(strict)
    assert not strict.final_blocks
    ended = {check.code: check.outcome for check in outcomes(strict)}
    assert ended["signal_missing"] is Outcome.FOUND
