"""Decisions whose weights an optimizer gives: pure, recorded, and quiet about nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core.config import OptimizerConfig
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.decision.tables import NO_WEIGHT, WEIGHT_GIVEN, ranking_view
from quantetf_core.ledger.artifacts import rebalance_files
from quantetf_core.portfolio.optimizers import solving
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD")
ROOT = Path(__file__).resolve().parents[2]


def decided(market: MarketData, *, book: object = None, as_of: object = None, **options: object):
    optimizer = OptimizerConfig(
        **{"provider": "skfolio", "model": "min_variance", "lookback_days": 120, **options}
    )
    strategy = builders.strategy(top_n=None, weighting=optimizer)
    return decide(
        market,
        builders.settings(TICKERS, strategies={"all": strategy}),
        builders.situation(market, as_of=as_of, holdings=book),
    )


def record(result: RebalanceResult) -> dict[str, object]:
    return json.loads(rebalance_files(result)["rebalance_result.json"])


@pytest.fixture(scope="module")
def market() -> MarketData:
    return builders.random_market(TICKERS, seed=3)


def test_the_weights_become_the_portfolio_and_the_record_says_how(market):
    result = decided(market)
    report = result.used.weighting
    assert report is not None
    assert report.said == "minimum variance (skfolio), 120 closes, Ledoit–Wolf covariance"
    assert result.blocks == ()
    weights = result.target_portfolio["weight"]
    assert weights.sum() == pytest.approx(1.0)
    assert set(weights.index) == {*TICKERS, "$CASH$"}
    written = record(result)["weighting"]
    assert written["observations"] == 119
    assert written["tickers"] == list(TICKERS)
    assert written["used"] == "min_variance"


def test_a_fallback_is_a_warning_to_be_acknowledged_and_is_recorded(market):
    result = decided(market, lookback_days=500)
    assert [finding.code for finding in result.warnings].count("optimizer_fallback") == 1
    assert record(result)["weighting"]["used"] == "inverse_vol"
    assert "history" in record(result)["weighting"]["reason"]


def test_a_plain_strategy_records_no_optimizer(market):
    settings = builders.settings(TICKERS)
    result = decide(market, settings, builders.situation(market))
    assert result.used.weighting is None
    assert "weighting" not in record(result)


def test_rows_after_the_session_change_no_bit(market):
    as_of = market.sessions[280]
    generator = np.random.default_rng(9)
    panels = {}
    for name in ("close", "adj_close", "volume"):
        values = market.panel(name).to_numpy(copy=True)
        values[281:] = generator.uniform(1.0, 1_000.0, values[281:].shape)
        panels[name] = pd.DataFrame(values, market.sessions, market.panel(name).columns)
    vix = market.vix.copy()
    vix.iloc[281:] = 80.0
    garbage = MarketData.from_panels(panels, vix, source=market.source)
    solving._answer.cache_clear()
    first = decided(market, as_of=as_of)
    solving._answer.cache_clear()
    second = decided(garbage, as_of=as_of)
    assert first.plan_id == second.plan_id
    assert rebalance_files(first) == rebalance_files(second)


def test_what_was_solved_before_changes_no_bit(market):
    solving._answer.cache_clear()
    first = decided(market)
    again = decided(market)
    solving._answer.cache_clear()
    fresh = decided(market)
    assert first.plan_id == again.plan_id == fresh.plan_id


def test_the_turnover_limit_is_held_against_the_book_at_its_closes(market):
    closes = market.close.iloc[-1]
    shares = {"AAA": 200.0, "DDD": 100.0}
    book = builders.book(shares, cash=5_000.0, as_of=str(market.last_session.date()))
    result = decided(market, book=book, max_turnover=0.2)
    value = 5_000.0 + sum(count * closes[ticker] for ticker, count in shares.items())
    report = result.used.weighting
    assert report.turnover == pytest.approx(0.2, abs=1e-5)
    held = {ticker: count * closes[ticker] / value for ticker, count in shares.items()}
    ideal = {line.ticker: line.ideal_weight for line in result.trades}
    moves = sum(abs((ideal.get(t) or 0.0) - held.get(t, 0.0)) for t in TICKERS)
    cash = abs(1.0 - sum(weight or 0.0 for weight in ideal.values()) - 5_000.0 / value)
    assert (moves + cash) / 2 == pytest.approx(0.2, abs=2e-3)


def test_a_decision_without_an_optimizer_loads_no_optimizer_and_no_vendor() -> None:
    script = """
import sys
from quantetf_core import desk
from quantetf_core.decision import decide
from tests import builders
market = builders.random_market(("AAA", "BBB", "CCC"))
result = decide(market, builders.settings(("AAA", "BBB", "CCC")), builders.situation(market))
assert result.orders
heavy = {"skfolio", "sklearn", "scipy", "cvxpy", "yfinance", "curl_cffi", "plotly", "jinja2"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_ranking_tells_who_was_considered_from_who_was_given_weight(market):
    result = decided(market, model="mean_risk", risk_aversion=0.5)
    view = ranking_view(result)
    weights = result.target_portfolio["weight"]
    held = [weights.get(ticker, 0.0) > 0.0 for ticker in view["ticker"]]
    assert 0 < held.count(False) < len(TICKERS)
    assert [choice == WEIGHT_GIVEN for choice in view["choice"]] == held
    assert view.loc[~np.array(held), "choice"].tolist() == [NO_WEIGHT] * held.count(False)
    assert view["gap"].isna().all()
